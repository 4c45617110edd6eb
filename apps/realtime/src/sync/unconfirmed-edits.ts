import type { BatchedUpdate } from '@mindfuse/internal'
import type { RelayedRange } from '../relay/envelope.ts'

/** While storing works, a gateway stores what it relayed well within this time, milliseconds. */
export const OVERDUE_MS = 1_000

/** Most bytes kept for a board; past it the oldest edits are overdue, however young. */
const MAX_BYTES = 8 * 1024 * 1024

/** An edit of another gateway that is not known to be stored. */
export interface UnconfirmedEdit extends BatchedUpdate {
  gatewayId: string
  /** The number of the message that it came in. */
  sequence: number
  /** Counts the edits that were ever added. */
  position: number
  heardAt: number
  /** Whether it is stored from here by now, and nobody else's confirmation is waited for. */
  isTaken: boolean
}

/**
 * Edits that other gateways relayed and may not have stored yet. What is drawn here may build on
 * them, so that it is not safe before they are; and if their gateway dies, they are on this one's
 * clients' screens and nowhere else.
 */
export class UnconfirmedEdits {
  #edits: UnconfirmedEdit[] = []
  /** Of the edits that are not taken. */
  #bytes = 0
  #position = 0
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Whether there is no room for more: some are overdue then, however young. */
  get isFull(): boolean {
    return this.#bytes > MAX_BYTES
  }

  /** How many edits were ever added: what is heard up to now. */
  get position(): number {
    return this.#position
  }

  /** Whether every edit up to this position is stored. */
  isConfirmed(position: number): boolean {
    const oldest = this.#edits[0]
    return oldest === undefined || oldest.position > position
  }

  add(gatewayId: string, sequence: number, edit: BatchedUpdate): void {
    const position = ++this.#position
    this.#edits.push({
      ...edit,
      gatewayId,
      sequence,
      position,
      heardAt: this.#now(),
      isTaken: false,
    })
    this.#bytes += edit.update.length
  }

  /** A gateway stored what it relayed in these messages. */
  confirm(gatewayId: string, { first, last }: RelayedRange): void {
    this.#drop(
      ({ gatewayId: from, sequence }) =>
        from === gatewayId && sequence >= first && sequence <= last,
    )
  }

  /** These updates are stored: an edit is stored as it is relayed, byte for byte. */
  confirmStored(updates: readonly Uint8Array[]): void {
    if (this.#edits.length === 0) return
    const stored = new Set(updates.map(textOf))
    this.#drop(({ update }) => stored.has(textOf(update)))
  }

  /** An edit that was taken is stored. */
  confirmTaken(taken: UnconfirmedEdit): void {
    this.#drop((edit) => edit === taken)
  }

  /** Takes the edits of a gateway that died, oldest first, to be stored from here. */
  take(gatewayId: string): UnconfirmedEdit[] {
    return this.#take((edit) => edit.gatewayId === gatewayId)
  }

  /** Takes what should have been stored long ago, and what there is no room for. */
  takeOverdue(): UnconfirmedEdit[] {
    const horizon = this.#now() - OVERDUE_MS
    return this.#take(({ heardAt }) => heardAt <= horizon || this.isFull)
  }

  #take(isWanted: (edit: UnconfirmedEdit) => boolean): UnconfirmedEdit[] {
    const taken: UnconfirmedEdit[] = []
    for (const edit of this.#edits) {
      if (edit.isTaken || !isWanted(edit)) continue
      edit.isTaken = true
      this.#bytes -= edit.update.length
      taken.push(edit)
    }
    return taken
  }

  #drop(isStored: (edit: UnconfirmedEdit) => boolean): void {
    this.#edits = this.#edits.filter((edit) => {
      if (!isStored(edit)) return true
      if (!edit.isTaken) this.#bytes -= edit.update.length
      return false
    })
  }
}

/** The same for the same bytes. */
function textOf(update: Uint8Array): string {
  return Buffer.from(update.buffer, update.byteOffset, update.length).toString('latin1')
}
