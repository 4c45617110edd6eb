import { connect, type OnReadOpts, type Socket } from 'node:net'

const FIN = 0x80
const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10
const MASK = 0x80

/** Large enough for what a socket usually has, bytes. */
const READ_BYTES = 256 * 1024

/**
 * What every socket reads into. A message is looked at where it lies, before the next read, so that
 * ten thousand sockets need one buffer and nothing is allocated for what arrives.
 */
const readBuffer = Buffer.allocUnsafe(READ_BYTES)

/** Where to connect to. */
export interface Address {
  port: number
  path: string
  protocols?: readonly string[]
  /** The address to connect from; several have more ports than one. */
  from?: string
}

/** What becomes of a socket. */
export interface SocketEvents {
  onOpen(): void
  /** A whole message, from `start` to `end` of a buffer that is only lent. */
  onMessage(buffer: Buffer, start: number, end: number, isText: boolean): void
  /** It ended without `destroy`, or could not be opened. */
  onLost(error: Error): void
}

/**
 * A WebSocket client that costs as little as Node lets it: no stream, no event, no copy for what
 * comes, and a mask of zeros for what goes, which leaves the payload as it is.
 */
export class BareSocket {
  readonly #socket: Socket
  readonly #events: SocketEvents
  #isUpgraded = false
  #isDestroyed = false
  #answer = ''
  /** A frame of which not all has come, where there is one. */
  #partial: Buffer | undefined
  #partialLength = 0
  /** Pieces of a message whose last has not come. */
  #fragments: Buffer[] = []
  #isTextFragmented = false

  constructor(address: Address, events: SocketEvents) {
    this.#events = events
    const onread: OnReadOpts = {
      buffer: readBuffer,
      callback: (length, buffer) => {
        this.#receive(buffer as Buffer, length)
        return true
      },
    }
    this.#socket = connect({
      host: '127.0.0.1',
      port: address.port,
      noDelay: true,
      ...(address.from !== undefined && { localAddress: address.from }),
      onread,
    })
    this.#socket.on('connect', () => this.#socket.write(upgradeRequest(address)))
    this.#socket.on('error', (error) => this.#lose(error))
    this.#socket.on('close', () => {
      this.#lose(
        new Error(`ended ${this.#isUpgraded ? 'without a close frame' : 'before it was open'}`),
      )
    })
  }

  /** Sends what {@link clientFrame} made. */
  send(frame: Uint8Array): void {
    this.#socket.write(frame)
  }

  /** Ends it with a reset: thousands in TIME_WAIT would keep the next round from its ports. */
  destroy(): void {
    this.#isDestroyed = true
    this.#socket.resetAndDestroy()
  }

  #lose(error: Error): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#socket.destroy()
    this.#events.onLost(error)
  }

  #receive(buffer: Buffer, length: number): void {
    if (this.#isUpgraded) this.#read(buffer, length)
    else this.#upgrade(buffer.toString('latin1', 0, length))
  }

  #upgrade(text: string): void {
    this.#answer += text
    const end = this.#answer.indexOf('\r\n\r\n')
    if (end < 0) return
    if (!this.#answer.startsWith('HTTP/1.1 101')) {
      this.#lose(new Error(this.#answer))
      return
    }
    this.#isUpgraded = true
    const rest = Buffer.from(this.#answer.slice(end + 4), 'latin1')
    this.#answer = ''
    this.#events.onOpen()
    this.#read(rest, rest.length)
  }

  #read(chunk: Buffer, length: number): void {
    let at = this.#partial ? this.#complete(chunk, length) : 0
    while (at < length && !this.#isDestroyed) {
      const size = frameSize(chunk, at, length)
      if (size === undefined || at + size > length) {
        this.#partial = Buffer.allocUnsafe(size ?? 16)
        this.#partialLength = chunk.copy(this.#partial, 0, at, length)
        return
      }
      this.#frame(chunk, at, at + size)
      at += size
    }
  }

  /** Goes on with a frame of which some came before. @returns where in the chunk it ends */
  #complete(chunk: Buffer, length: number): number {
    let at = 0
    while (this.#partial && at < length) {
      const size = frameSize(this.#partial, 0, this.#partialLength)
      if (size === undefined) {
        // The head alone may be cut, anywhere.
        this.#partial[this.#partialLength++] = chunk[at++] as number
        continue
      }
      if (this.#partial.length < size) {
        this.#partial = Buffer.concat([this.#partial.subarray(0, this.#partialLength)], size)
      }
      const taken = Math.min(size - this.#partialLength, length - at)
      chunk.copy(this.#partial, this.#partialLength, at, at + taken)
      this.#partialLength += taken
      at += taken
      if (this.#partialLength < size) return at
      const whole = this.#partial
      this.#partial = undefined
      this.#frame(whole, 0, size)
    }
    return at
  }

  #frame(buffer: Buffer, at: number, end: number): void {
    const first = buffer[at] as number
    const opcode = first & 0x0f
    const start = at + headSize(buffer[at + 1] as number)
    if (opcode === PING) this.send(clientFrame(buffer.subarray(start, end), PONG))
    else if (opcode === CLOSE) {
      const code = end - start >= 2 ? buffer.readUInt16BE(start) : 1005
      this.#lose(new Error(`closed with ${code} ${buffer.toString('utf8', start + 2, end)}`))
    } else if (opcode <= BINARY) this.#message(buffer, start, end, opcode, (first & FIN) !== 0)
  }

  #message(buffer: Buffer, start: number, end: number, opcode: number, isLast: boolean): void {
    if (isLast && opcode !== CONTINUATION) {
      this.#events.onMessage(buffer, start, end, opcode === TEXT)
      return
    }
    if (opcode !== CONTINUATION) this.#isTextFragmented = opcode === TEXT
    this.#fragments.push(Buffer.from(buffer.subarray(start, end)))
    if (!isLast) return
    const whole = Buffer.concat(this.#fragments)
    this.#fragments = []
    this.#events.onMessage(whole, 0, whole.length, this.#isTextFragmented)
  }
}

/** A message of a client as it goes over the line. */
export function clientFrame(payload: Uint8Array, opcode = BINARY): Buffer {
  const { length } = payload
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const frame = Buffer.allocUnsafe(2 + extra + 4 + length)
  frame[0] = FIN | opcode
  frame[1] = MASK | (extra === 0 ? length : extra === 2 ? 126 : 127)
  if (extra === 2) frame.writeUInt16BE(length, 2)
  else if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.fill(0, 2 + extra, 6 + extra)
  frame.set(payload, 6 + extra)
  return frame
}

function headSize(second: number): number {
  const short = second & 0x7f
  return short < 126 ? 2 : short === 126 ? 4 : 10
}

/** Bytes of the frame at a place, or undefined where its head has not come. */
function frameSize(buffer: Buffer, at: number, end: number): number | undefined {
  if (end - at < 2) return undefined
  const second = buffer[at + 1] as number
  const head = headSize(second)
  if (end - at < head) return undefined
  if (head === 2) return head + (second & 0x7f)
  return head + (head === 4 ? buffer.readUInt16BE(at + 2) : Number(buffer.readBigUInt64BE(at + 2)))
}

function upgradeRequest({ port, path, protocols = [] }: Address): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`] : []),
    '\r\n',
  ].join('\r\n')
}
