/** Opcodes of frames (RFC 6455, section 5.2). */
export const OPCODES = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const

const FIN = 0x80
const OPCODE_BITS = 0x0f
const MASK = 0x80
const LENGTH_BITS = 0x7f
const MASK_BYTES = 4
const MAX_HEAD_BYTES = 10

/** Writes a frame as a client does. The mask is of zeros, which leaves the payload as it is. */
export function encodeClientFrame(
  payload: Uint8Array,
  opcode: number = OPCODES.BINARY,
): Uint8Array<ArrayBuffer> {
  const { length } = payload
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const start = 2 + extra + MASK_BYTES
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = FIN | opcode
  frame[1] = MASK | (extra === 0 ? length : extra === 2 ? 126 : 127)
  if (extra === 2) frame.writeUInt16BE(length, 2)
  else if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.fill(0, 2 + extra, start)
  frame.set(payload, start)
  return frame
}

/**
 * Receives the payload of a frame, from `start` to `end` of a buffer that is only lent: in one piece
 * where the frame lies whole in what was read, which most do, else in several.
 */
export type OnPiece = (
  buffer: Buffer,
  start: number,
  end: number,
  isFirst: boolean,
  isLast: boolean,
) => void

/** Reads the frames of a server, which masks nothing, in place: it copies and allocates nothing. */
export class FrameReader {
  /** Of the frame whose pieces come at present. */
  opcode = 0
  isFinal = false
  length = 0
  readonly #onPiece: OnPiece
  readonly #head = Buffer.alloc(MAX_HEAD_BYTES)
  #headLength = 0
  #isInPayload = false
  /** Bytes of the payload that are still to come. */
  #missing = 0
  #isStopped = false

  constructor(onPiece: OnPiece) {
    this.#onPiece = onPiece
  }

  /** Reads `chunk` up to `to`. */
  read(chunk: Buffer, to: number): void {
    let at = 0
    while (!this.#isStopped) {
      if (!this.#isInPayload) at = this.#readHead(chunk, at, to)
      if (!this.#isInPayload) return
      const end = Math.min(to, at + this.#missing)
      if (end === at && this.#missing > 0) return
      const isFirst = this.#missing === this.length
      this.#missing -= end - at
      this.#isInPayload = this.#missing > 0
      this.#onPiece(chunk, at, end, isFirst, !this.#isInPayload)
      at = end
    }
  }

  /** Passes nothing on again, not even the rest of what is being read. */
  stop(): void {
    this.#isStopped = true
  }

  /** @returns where in the chunk the head ends, or the chunk */
  #readHead(chunk: Buffer, start: number, to: number): number {
    let at = start
    if (this.#headLength === 0 && to - at >= 2) {
      const size = headSize(chunk[at + 1] as number)
      if (to - at >= size) {
        this.#begin(chunk, at, size)
        return at + size
      }
    }
    // It may be cut anywhere.
    while (at < to) {
      this.#head[this.#headLength++] = chunk[at++] as number
      if (this.#headLength < 2 || this.#headLength < headSize(this.#head[1] as number)) continue
      this.#begin(this.#head, 0, this.#headLength)
      this.#headLength = 0
      break
    }
    return at
  }

  #begin(head: Buffer, at: number, size: number): void {
    const first = head[at] as number
    this.opcode = first & OPCODE_BITS
    this.isFinal = (first & FIN) !== 0
    if (size === 2) this.length = (head[at + 1] as number) & LENGTH_BITS
    else if (size === 4) this.length = head.readUInt16BE(at + 2)
    else this.length = Number(head.readBigUInt64BE(at + 2))
    this.#missing = this.length
    this.#isInPayload = true
  }
}

function headSize(second: number): number {
  const short = second & LENGTH_BITS
  return short < 126 ? 2 : short === 126 ? 4 : MAX_HEAD_BYTES
}
