import type { BatchedUpdate } from '@mindfuse/internal'
import type { RelayedRange } from '../relay/envelope.ts'

/** While storing works, a gateway stores what it relayed well within this time, milliseconds. */
export const OVERDUE_MS = 1_000

/** Most bytes kept for a board; beyond it the oldest edits are overdue, whatever their age. */
const MAX_BYTES = 8 * 1024 * 1024

/** Another gateway's edit that is not known to be stored. */
export interface UnconfirmedEdit extends BatchedUpdate {
  gatewayId: string
  /** The number of the message that relayed it. */
  sequence: number
  /** Its place among all edits that were ever added. */
  position: number
  receivedAt: number
  /** Whether this gateway took over storing it. */
  isTaken: boolean
}

/**
 * Edits that other gateways relayed and may not have stored yet. Edits made here may build on them,
 * and are not saved before they are; and if their gateway dies, only the clients of this one have
 * them.
 */
export class UnconfirmedEdits {
  #edits: UnconfirmedEdit[] = []
  /** Of the edits that were not taken over. */
  #bytes = 0
  #position = 0
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether there is no room for more: some are overdue then, whatever their age. */
  get isFull(): boolean {
    return this.#bytes > MAX_BYTES
  }

  /** How many edits were ever added. */
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
      receivedAt: this.#now(),
      isTaken: false,
    })
    this.#bytes += edit.update.length
  }

  /** A gateway stored the edits that it relayed in these messages. */
  confirm(gatewayId: string, { first, last }: RelayedRange): void {
    this.#drop(
      ({ gatewayId: from, sequence }) =>
        from === gatewayId && sequence >= first && sequence <= last,
    )
  }

  /** These updates are stored: an edit is stored byte for byte as it is relayed. */
  confirmStored(updates: readonly Uint8Array[]): void {
    if (this.#edits.length === 0) return
    const stored = new Set(updates.map(textOf))
    this.#drop(({ update }) => stored.has(textOf(update)))
  }

  /** Edits that were taken over are stored. */
  confirmTaken(taken: ReadonlySet<UnconfirmedEdit>): void {
    if (taken.size > 0) this.#drop((edit) => taken.has(edit))
  }

  /** Takes over the edits of a gateway that died, oldest first. */
  take(gatewayId: string): UnconfirmedEdit[] {
    return this.#take((edit) => edit.gatewayId === gatewayId)
  }

  /** Takes over the edits that should have been stored long ago, and those there is no room for. */
  takeOverdue(): UnconfirmedEdit[] {
    const horizon = this.#now() - OVERDUE_MS
    return this.#take(({ receivedAt }) => receivedAt <= horizon || this.isFull)
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

/** Equal for equal bytes. */
function textOf(update: Uint8Array): string {
  return Buffer.from(update.buffer, update.byteOffset, update.length).toString('latin1')
}
