import type { BatchedUpdate } from '@mindfuse/protocol'

/** While storing works, a gateway stores what it relayed within this time, or has died. */
const KEEP_MS = 15_000

/** Most bytes kept for a board; past it the oldest edit is taken for stored. */
const MAX_BYTES = 8 * 1024 * 1024

interface KeptEdit extends BatchedUpdate {
  gatewayId: string
  heardAt: number
}

/**
 * Edits that other gateways relayed lately and may not have stored yet. If one of them dies, its
 * last edits are on this gateway's clients' screens and nowhere else.
 */
export class UnconfirmedEdits {
  #edits: KeptEdit[] = []
  #bytes = 0
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  add(gatewayId: string, edit: BatchedUpdate): void {
    this.#edits.push({ ...edit, gatewayId, heardAt: this.#now() })
    this.#bytes += edit.update.length
    while (this.#bytes > MAX_BYTES) this.#dropOldest()
  }

  /** Something was stored: what was heard long before has been stored, too. */
  expire(): void {
    const horizon = this.#now() - KEEP_MS
    while (this.#edits[0] && this.#edits[0].heardAt < horizon) this.#dropOldest()
  }

  /** The kept edits of one gateway, oldest first, which are kept no longer. */
  take(gatewayId: string): BatchedUpdate[] {
    const taken = this.#edits.filter((edit) => edit.gatewayId === gatewayId)
    this.#edits = this.#edits.filter((edit) => edit.gatewayId !== gatewayId)
    for (const { update } of taken) this.#bytes -= update.length
    return taken.map(({ userId, update }) => ({ userId, update }))
  }

  #dropOldest(): void {
    this.#bytes -= this.#edits.shift()?.update.length ?? 0
  }
}
