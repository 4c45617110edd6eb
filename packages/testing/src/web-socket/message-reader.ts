import { FrameReader, OPCODES } from './frames.ts'

/** What arrives at a WebSocket. Buffers are only lent. */
export interface MessageEvents {
  /**
   * A whole message, from `start` to `end` of a buffer.
   * @param length how long the message was, which is more than what was kept where that is limited
   */
  onMessage(buffer: Buffer, start: number, end: number, isText: boolean, length: number): void
  /** A whole ping, pong or close frame. */
  onControl(opcode: number, payload: Buffer): void
}

/** Puts the messages of a server together. One that lies whole in what was read is not copied. */
export class MessageReader {
  readonly #events: MessageEvents
  readonly #keptBytes: number
  readonly #frames = new FrameReader((buffer, start, end, isFirst, isLast) =>
    this.#onPiece(buffer, start, end, isFirst, isLast),
  )
  /** The message of which a part has arrived: what is kept of it, and its length so far. */
  #kept = Buffer.alloc(0)
  #keptLength = 0
  #length = 0
  #isText = false
  #control: Buffer[] = []

  /** @param keptBytes how much of each message is kept; all of it by default */
  constructor(events: MessageEvents, keptBytes = Number.POSITIVE_INFINITY) {
    this.#events = events
    this.#keptBytes = keptBytes
  }

  /** Reads `chunk` up to `to`. */
  read(chunk: Buffer, to = chunk.length): void {
    this.#frames.read(chunk, to)
  }

  /** Passes nothing on again. */
  stop(): void {
    this.#frames.stop()
  }

  #onPiece(buffer: Buffer, start: number, end: number, isFirst: boolean, isLast: boolean): void {
    const { opcode, isFinal } = this.#frames
    if (opcode >= OPCODES.CLOSE) {
      this.#control.push(Buffer.from(buffer.subarray(start, end)))
      if (isLast) this.#events.onControl(opcode, Buffer.concat(this.#control.splice(0)))
      return
    }
    if (opcode !== OPCODES.CONTINUATION) {
      const isText = opcode === OPCODES.TEXT
      if (isFirst && isLast && isFinal) {
        this.#events.onMessage(buffer, start, end, isText, end - start)
        return
      }
      this.#isText = isText
    }
    this.#keep(buffer, start, end)
    if (!isLast || !isFinal) return
    const [length, keptLength] = [this.#length, this.#keptLength]
    this.#length = 0
    this.#keptLength = 0
    this.#events.onMessage(this.#kept, 0, keptLength, this.#isText, length)
    this.#kept = Buffer.alloc(0)
  }

  #keep(buffer: Buffer, start: number, end: number): void {
    const taken = Math.min(end - start, this.#keptBytes - this.#keptLength)
    if (this.#keptLength + taken > this.#kept.length) {
      // All of this frame, and twice as much at each growth: fragments may be many.
      const needed = Math.min(this.#keptBytes, this.#length + this.#frames.length)
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#kept.length))
      this.#kept.copy(grown, 0, 0, this.#keptLength)
      this.#kept = grown
    }
    buffer.copy(this.#kept, this.#keptLength, start, start + taken)
    this.#keptLength += taken
    this.#length += end - start
  }
}
