import { connect, type OnReadOpts, type Socket } from 'node:net'
import { encodeClientFrame, OPCODES } from './frames.ts'
import { type MessageEvents, MessageReader } from './message-reader.ts'

const NO_STATUS = 1005
const ABNORMAL = 1006
const HEAD_END = '\r\n\r\n'

/** Large enough for what a socket usually has, bytes. */
const READ_BYTES = 256 * 1024

/**
 * What every socket reads into. A message is read where it lies, before the next read, so that
 * ten thousand sockets need one buffer and nothing is allocated for what arrives.
 */
const readBuffer = Buffer.allocUnsafe(READ_BYTES)

/** Where to connect, and how. */
export interface BareSocketOptions extends Partial<Pick<MessageEvents, 'onMessage'>> {
  protocols?: readonly string[]
  /** The address to connect from; several have more ports than one. */
  from?: string
  /** How much of each message is kept, bytes; all of it by default. */
  keptBytes?: number
  onOpen?(): void
  onPong?(): void
  /** It ended without `destroy`, or could not be opened. */
  onLost?(error: BareSocketError): void
}

/** Why a socket was lost. */
export class BareSocketError extends Error {
  /** Close code; 1006 where the server named none. */
  readonly code: number

  constructor(message: string, code = ABNORMAL) {
    super(message)
    this.code = code
  }
}

/**
 * A WebSocket client that costs as little as Node allows: no stream, no event, no copy of what
 * arrives, and a mask of zeros for what leaves. For more sockets and frames than a library could
 * handle, and for frames that no library would send.
 */
export class BareSocket {
  readonly #socket: Socket
  readonly #options: BareSocketOptions
  readonly #reader: MessageReader
  #isUpgraded = false
  #isDestroyed = false
  #answer = ''

  constructor(url: string, options: BareSocketOptions) {
    const { hostname, port, pathname, search } = new URL(url)
    this.#options = options
    this.#reader = new MessageReader(
      {
        onMessage: options.onMessage ?? (() => undefined),
        onControl: (opcode, payload) => this.#onControl(opcode, payload),
      },
      options.keptBytes,
    )
    const onread: OnReadOpts = {
      buffer: readBuffer,
      callback: (length, buffer) => {
        this.#receive(buffer as Buffer, length)
        return true
      },
    }
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      ...(options.from !== undefined && { localAddress: options.from }),
      onread,
    })
    this.#socket.on('connect', () => {
      const { protocols = [] } = options
      this.#socket.write(upgradeRequest(`${pathname}${search}`, `${hostname}:${port}`, protocols))
    })
    this.#socket.on('error', ({ message }) => this.#lose(new BareSocketError(message)))
    this.#socket.on('close', () => {
      const when = this.#isUpgraded ? 'without a close frame' : 'before it was open'
      this.#lose(new BareSocketError(`ended ${when}`))
    })
  }

  /** Writes bytes, usually frames of {@link encodeClientFrame}. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Ends it with a reset: thousands in TIME_WAIT would keep the next round from its ports. */
  destroy(): void {
    this.#end()
    this.#socket.resetAndDestroy()
  }

  #end(): void {
    this.#isDestroyed = true
    this.#reader.stop()
  }

  #lose(error: BareSocketError): void {
    if (this.#isDestroyed) return
    this.#end()
    this.#socket.destroySoon()
    this.#options.onLost?.(error)
  }

  #receive(buffer: Buffer, length: number): void {
    if (this.#isUpgraded) this.#reader.read(buffer, length)
    else this.#upgrade(buffer.toString('latin1', 0, length))
  }

  #upgrade(text: string): void {
    this.#answer += text
    const end = this.#answer.indexOf(HEAD_END)
    if (end < 0) return
    if (!this.#answer.startsWith('HTTP/1.1 101 ')) {
      this.#lose(new BareSocketError(this.#answer))
      return
    }
    this.#isUpgraded = true
    const rest = Buffer.from(this.#answer.slice(end + HEAD_END.length), 'latin1')
    this.#answer = ''
    this.#options.onOpen?.()
    this.#reader.read(rest)
  }

  #onControl(opcode: number, payload: Buffer): void {
    if (opcode === OPCODES.PING) this.write(encodeClientFrame(payload, OPCODES.PONG))
    else if (opcode === OPCODES.PONG) this.#options.onPong?.()
    else if (opcode === OPCODES.CLOSE) {
      const code = payload.length < 2 ? NO_STATUS : payload.readUInt16BE()
      this.#lose(new BareSocketError(`closed with ${code} ${payload.toString('utf8', 2)}`, code))
    }
  }
}

/** A socket that is open. */
export interface OpenBareSocket {
  socket: BareSocket
  /** Resolves with the close code once the server has closed it; 1006 where it named none. */
  closed: Promise<number>
}

/**
 * Opens a socket and waits for it.
 * @throws BareSocketError with the answer of a server that refuses the upgrade
 */
export function openBareSocket(
  url: string,
  options: Omit<BareSocketOptions, 'onOpen' | 'onLost'> = {},
): Promise<OpenBareSocket> {
  return new Promise((resolve, reject) => {
    let close: (code: number) => void
    const closed = new Promise<number>((end) => {
      close = end
    })
    const socket = new BareSocket(url, {
      ...options,
      onOpen: () => resolve({ socket, closed }),
      onLost(error) {
        reject(error)
        close(error.code)
      },
    })
  })
}

function upgradeRequest(path: string, host: string, protocols: readonly string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`] : []),
    '\r\n',
  ].join('\r\n')
}
