import type { DocumentFrame } from '../document/document-frame.ts'
import type { Hold } from './hold.ts'
import { ALL_WRITTEN, type Wire } from './wire.ts'

/** A large frame leaves in pieces of this size, bytes. */
const PIECE_BYTES = 64 * 1024

/** Any other frame is large above this, bytes: an edit costs each reader less in one piece. */
export const MAX_WHOLE_BYTES = 1024 * 1024

/** Missing from the type definitions of the newer build; both have it. Of sockets that are not shared. */
interface FragmentSocket extends Wire {
  sendFirstFragment(piece: Uint8Array, isBinary: boolean): unknown
  sendFragment(piece: Uint8Array): unknown
  sendLastFragment(piece: Uint8Array): unknown
}

interface QueuedFrame {
  parts: readonly Uint8Array[]
  isBinary: boolean
  kind: 'frame' | 'edit' | 'answer'
  /** How far it puts its reader behind until it is sent, bytes. */
  behindBytes: number
  onSent?: (() => void) | undefined
}

/**
 * Sends frames to one socket, in order and with backpressure. A large frame leaves in pieces, each
 * when the reader has taken the one before: uWebSockets.js copies what it cannot send at once, and a
 * document that many load at a time should be in memory once, not once for each of them.
 */
export class Outbox {
  readonly #socket: FragmentSocket
  /** Of frames that leave in pieces, bytes. */
  readonly #pieceBytes: number
  #queue: QueuedFrame[] = []
  /** Up to where the first frame in the queue has been sent: a part of it, and bytes of that part. */
  #part = 0
  #sent = 0
  #behindBytes = 0
  #answers = 0
  #largeEdits = 0
  /** Whether the kernel is known to have everything written: then the socket is not asked. */
  #isWritten = true
  /** Whether nothing is sent on this socket, whatever the others do. */
  isHeld = false
  readonly #hold: Hold

  /** @param hold of all sockets: while it lasts, what is sent waits as if the reader read nothing */
  constructor(socket: Wire, hold: Hold) {
    this.#socket = socket as FragmentSocket
    this.#pieceBytes = socket.isShared ? Number.POSITIVE_INFINITY : PIECE_BYTES
    this.#hold = hold
  }

  /** Whether an answer or a large edit is being sent. */
  get hasDocument(): boolean {
    return this.#answers + this.#largeEdits > 0
  }

  /** Whether an answer to a sync step 1 is being sent. */
  get hasAnswer(): boolean {
    return this.#answers > 0
  }

  /** How far the reader is behind, bytes; what is the memory of the document does not count. */
  get behindBytes(): number {
    return this.#behindBytes + this.#unwrittenBytes()
  }

  /** Whether the reader has taken everything. */
  get isDrained(): boolean {
    return this.#queue.length === 0 && this.#unwrittenBytes() === 0
  }

  /** Makes one write of everything that `send` sends. */
  cork(send: () => void): void {
    this.#socket.cork(send)
    this.corkEnded()
  }

  /** Frames sent in a cork are written when it ends, and no return value tells how much was. */
  corkEnded(): void {
    this.#isWritten = false
  }

  /** Sends a frame after all before it. */
  send(frame: Uint8Array, isBinary: boolean): void {
    if (this.#mayWrite && frame.length <= MAX_WHOLE_BYTES) {
      this.#sendWhole(frame, isBinary)
      return
    }
    this.#behindBytes += frame.length
    this.#queue.push({ parts: [frame], isBinary, kind: 'frame', behindBytes: frame.length })
    this.drain()
  }

  /** Sends a text frame that is not of the board, before what waits; dropped in the middle of a frame. */
  sendAhead(frame: Uint8Array): void {
    if (this.#part === 0 && this.#sent === 0) this.#sendWhole(frame, false)
  }

  /** As `send`, for an answer to a sync step 1. @param onSent called once its last part is sent */
  sendDocument({ parts, length }: DocumentFrame, onSent?: () => void): void {
    const [only] = parts
    if (this.#mayWrite && parts.length === 1 && only && length <= PIECE_BYTES) {
      onSent?.()
      this.#sendWhole(only, true)
      return
    }
    this.#answers++
    this.#queue.push({ parts, isBinary: true, kind: 'answer', behindBytes: 0, onSent })
    this.drain()
  }

  /** The same for an edit that is mostly memory of the document: its reader is behind by the rest. */
  sendLargeEdit({ parts, ownBytes }: DocumentFrame): void {
    this.#largeEdits++
    this.#behindBytes += ownBytes
    this.#queue.push({ parts, isBinary: true, kind: 'edit', behindBytes: ownBytes })
    this.drain()
  }

  /** Continues where the reader has taken what it was sent. */
  drain(): void {
    let done = 0
    if (this.isHeld || this.#hold.isHeld) return
    while (done < this.#queue.length && this.#unwrittenBytes() < PIECE_BYTES) {
      if (this.#sendPiece(this.#queue[done] as QueuedFrame)) done++
    }
    if (done > 0) this.#queue.splice(0, done)
  }

  get #mayWrite(): boolean {
    return this.#queue.length === 0 && !this.isHeld && !this.#hold.isHeld
  }

  /** What uWebSockets.js buffers because the kernel has no room for it. */
  #unwrittenBytes(): number {
    if (this.#isWritten) return 0
    const bytes = this.#socket.getBufferedAmount()
    this.#isWritten = bytes === 0
    return bytes
  }

  #sendWhole(frame: Uint8Array, isBinary: boolean): void {
    this.#isWritten = this.#socket.send(frame, isBinary) === ALL_WRITTEN && this.#isWritten
  }

  /** @returns whether it was the last of its frame */
  #sendPiece({ parts, isBinary, kind, behindBytes, onSent }: QueuedFrame): boolean {
    const part = parts[this.#part] as Uint8Array
    const from = this.#sent
    const to = Math.min(from + this.#pieceBytes, part.length)
    const isFirst = this.#part === 0 && from === 0
    const isLast = this.#part === parts.length - 1 && to === part.length
    const piece = part.subarray(from, to)
    this.#isWritten = false
    // Before it is sent: that may end the socket, and with it this.
    if (isLast) {
      this.#part = 0
      this.#sent = 0
      if (kind === 'answer') this.#answers--
      if (kind === 'edit') this.#largeEdits--
      this.#behindBytes -= behindBytes
      onSent?.()
    } else if (to === part.length) {
      this.#part++
      this.#sent = 0
    } else {
      this.#sent = to
    }
    if (isFirst && isLast) this.#socket.send(piece, isBinary)
    else if (isFirst) this.#socket.sendFirstFragment(piece, isBinary)
    else if (isLast) this.#socket.sendLastFragment(piece)
    else this.#socket.sendFragment(piece)
    return isLast
  }
}
