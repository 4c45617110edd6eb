import { connect, type Socket } from 'node:net'

const FIN = 0x80
const OPCODE_BITS = 0x0f
const CONTINUATION = 0
const BINARY = 2
const CLOSE = 8
const MASK = 0x80

/**
 * A WebSocket that notes what messages begin with and how long they are, and keeps nothing: 150
 * clients of a WebSocket library in one process would take more of the machine than what is measured.
 */
export class FrameSkimmer {
  readonly socket: Socket
  /** Payload of binary messages so far, bytes. */
  binaryBytes = 0
  readonly #onMessage: (firstBytes: readonly number[]) => void
  #isUpgraded = false
  #answer = ''
  /** Of the frame that is being read: its head, and how much of its payload is left. */
  #head: number[] = []
  #left = 0
  #firstBytes: number[] = []

  /** `onMessage` is told the first two bytes of each binary message, once it is complete. */
  constructor(
    url: string,
    options: {
      protocols: string[]
      onOpen: () => void
      onMessage: (firstBytes: readonly number[]) => void
    },
  ) {
    this.#onMessage = options.onMessage
    const { hostname, port, pathname, search } = new URL(url)
    this.socket = connect(Number(port), hostname, () => {
      this.socket.setNoDelay()
      this.socket.write(
        [
          `GET ${pathname}${search} HTTP/1.1`,
          `Host: ${hostname}:${port}`,
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          `Sec-WebSocket-Protocol: ${options.protocols.join(', ')}`,
          '\r\n',
        ].join('\r\n'),
      )
    })
    this.socket.on('data', (chunk: Buffer) => {
      if (this.#isUpgraded) return this.#read(chunk)
      this.#answer += chunk.toString('latin1')
      const end = this.#answer.indexOf('\r\n\r\n')
      if (end < 0) return
      if (!this.#answer.startsWith('HTTP/1.1 101')) {
        this.socket.destroy(new Error(this.#answer))
        return
      }
      this.#isUpgraded = true
      options.onOpen()
      this.#read(Buffer.from(this.#answer.slice(end + 4), 'latin1'))
    })
  }

  /** Sends a binary message of less than 126 bytes. */
  send(payload: Uint8Array): void {
    // A mask of zeros leaves the payload as it is.
    this.socket.write(Buffer.from([FIN | BINARY, MASK | payload.length, 0, 0, 0, 0, ...payload]))
  }

  #read(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) {
        this.#head.push(chunk[at++] as number)
        if (!this.#isHeadComplete()) continue
        this.#left = this.#payloadLength()
        if (this.#left === 0) this.#endFrame()
        continue
      }
      const taken = Math.min(this.#left, chunk.length - at)
      const missing = 2 - this.#firstBytes.length
      if (missing > 0) this.#firstBytes.push(...chunk.subarray(at, at + Math.min(missing, taken)))
      at += taken
      this.#left -= taken
      if (this.#left === 0) this.#endFrame()
    }
  }

  #isHeadComplete(): boolean {
    const length = this.#head[1]
    if (length === undefined) return false
    return this.#head.length === (length < 126 ? 2 : length === 126 ? 4 : 10)
  }

  #payloadLength(): number {
    const [, short = 0, ...long] = this.#head
    return short < 126 ? short : long.reduce((sum, byte) => sum * 256 + byte, 0)
  }

  #endFrame(): void {
    const [first = 0] = this.#head
    const opcode = first & OPCODE_BITS
    if (opcode === CLOSE) this.socket.destroy(new Error('closed by the gateway'))
    const isBinary = opcode === BINARY || opcode === CONTINUATION
    if (isBinary) this.binaryBytes += this.#payloadLength()
    this.#head = []
    if ((first & FIN) === 0) return
    const firstBytes = this.#firstBytes
    this.#firstBytes = []
    if (isBinary) this.#onMessage(firstBytes)
  }
}
