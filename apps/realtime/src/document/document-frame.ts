import { encodeVarUints, varUintLength } from '@mindfuse/protocol'
import type { Section } from './struct-run.ts'

const MESSAGE_SYNC = 0
const SYNC_STEP_2 = 1
const SYNC_UPDATE = 2

/** A part of at least this size, bytes, stays where it is; smaller ones are copied together. */
const MIN_SHARED_BYTES = 4 * 1024

/** Small parts are copied into pieces of this size, bytes. */
const COPY_BYTES = 64 * 1024

/** A view of the document's memory takes about so much itself, bytes. */
const VIEW_BYTES = 128

/** A frame that is sent in parts, most of which are the memory of the document itself. */
export interface DocumentFrame {
  /** None is empty. */
  readonly parts: readonly Uint8Array[]
  readonly length: number
  /** What is in memory for this frame alone, bytes. */
  readonly ownBytes: number
}

/** A frame that is the memory of the document itself. */
export function wholeFrame(frame: Uint8Array): DocumentFrame {
  return { parts: [frame], length: frame.length, ownBytes: 0 }
}

/** A sync step 2 with `sections` by client, highest first, and a delete set; structs are not copied. */
export function syncStep2Frame(sections: readonly Section[], deletes: Uint8Array): DocumentFrame {
  return syncFrame(SYNC_STEP_2, sections, deletes)
}

/** The same as an update. */
export function updateFrame(sections: readonly Section[], deletes: Uint8Array): DocumentFrame {
  return syncFrame(SYNC_UPDATE, sections, deletes)
}

function syncFrame(step: number, sections: readonly Section[], deletes: Uint8Array): DocumentFrame {
  let length = varUintLength(sections.length) + deletes.length
  for (const { client, clock, structs, pieces } of sections) {
    length += varUintLength(structs) + varUintLength(client) + varUintLength(clock)
    for (const piece of pieces) length += piece.length
  }
  const head = encodeVarUints([MESSAGE_SYNC, step, length, sections.length])
  const writer = new PartWriter()
  writer.write(head)
  for (const { client, clock, structs, pieces } of sections) {
    writer.write(encodeVarUints([structs, client, clock]))
    for (const piece of pieces) writer.write(piece)
  }
  writer.write(deletes)
  const parts = writer.end()
  // Deletes may be encoded anew after each edit: then this frame is all that holds them.
  const ownBytes = writer.ownBytes + (deletes.length >= MIN_SHARED_BYTES ? deletes.length : 0)
  return { parts, length: head.length - varUintLength(sections.length) + length, ownBytes }
}

/** Leaves large parts where they are, and joins small ones. */
class PartWriter {
  readonly #parts: Uint8Array[] = []
  #ownBytes = 0
  /** Parts to be joined. */
  #small: Uint8Array[] = []
  #smallBytes = 0

  get ownBytes(): number {
    return this.#ownBytes
  }

  write(bytes: Uint8Array): void {
    if (bytes.length < MIN_SHARED_BYTES) {
      this.#small.push(bytes)
      this.#smallBytes += bytes.length
      if (this.#smallBytes >= COPY_BYTES) this.#flush()
      return
    }
    this.#flush()
    this.#parts.push(bytes)
    this.#ownBytes += VIEW_BYTES
  }

  end(): Uint8Array[] {
    this.#flush()
    return this.#parts
  }

  #flush(): void {
    if (this.#smallBytes === 0) return
    const joined = new Uint8Array(this.#smallBytes)
    let offset = 0
    for (const bytes of this.#small) {
      joined.set(bytes, offset)
      offset += bytes.length
    }
    this.#parts.push(joined)
    this.#ownBytes += joined.length
    this.#small = []
    this.#smallBytes = 0
  }
}
