import { mergeUpdates, parseUpdateMeta } from 'yjs'
import type { Sent } from './conflicts.ts'

/** By client, a clock. */
export type Clocks = ReadonlyMap<number, number>

/** Above this number, edits that no frame contains are merged into one. */
const MERGE_PAST_EDITS = 500

/** A local edit that is not saved. */
interface UnsavedEdit {
  readonly update: Uint8Array
  /**
   * The frame of this connection that contains it; `pending` if the next update frame will, `unsent`
   * if only a sync step 2 will.
   */
  frame: number | 'pending' | 'unsent'
  /** Whether the server may have it, from this connection or an earlier one. */
  sent: Sent
  /** It was discarded while in a frame, and may still be accepted. */
  isDiscarded?: true
  /** By client, the first clock of its structs; parsed on first use. */
  clocks?: Clocks
}

/** What the gateway lacked when it sent its state vector, whoever made it. */
interface Lacked {
  /** By client, the first clock. */
  readonly clocks: Clocks
  /** The sync step 2 that contains it; `unsent` if the next one will. */
  frame: number | 'unsent'
}

/**
 * Knows whether every local edit is saved, and keeps those that are not: a document can be rebuilt from
 * the server's state and these. Counts the edit frames of a connection as the gateway does
 * (PROTOCOL.md, "Which edits are saved").
 */
export class SaveLedger {
  #edits: UnsavedEdit[] = []
  #lacked: Lacked | undefined
  #sent = 0

  get isSaved(): boolean {
    return this.#edits.length === 0
  }

  /** Whether something has to be sent with a sync step 2. */
  get hasUnsent(): boolean {
    return this.#lacked?.frame === 'unsent' || this.#edits.some(({ frame }) => frame === 'unsent')
  }

  /** The unsaved edits, oldest first. */
  get updates(): readonly Uint8Array[] {
    return this.#edits.filter(({ isDiscarded }) => !isDiscarded).map(({ update }) => update)
  }

  /** By client, the first clock of its unsaved structs. */
  get clocks(): Clocks {
    return firstClocks(this.#edits)
  }

  /** By client, the first clock of what the gateway may lack. */
  get missing(): Clocks {
    return firstClocks(this.#lacked ? [...this.#edits, this.#lacked] : this.#edits)
  }

  /** Whether the client's struct at this clock was ever sent; what is not here was. */
  sentAt(client: number, clock: number): Sent {
    for (const state of ['unsent', 'unknown'] as const) {
      const first = firstClocks(this.#edits.filter(({ sent }) => sent === state)).get(client)
      if (first !== undefined && clock >= first) return state
    }
    return 'sent'
  }

  /** The gateway sent its state vector: by client, the first clock that it lacks. */
  lacks(clocks: Clocks): void {
    this.#lacked = clocks.size > 0 ? { clocks, frame: 'unsent' } : undefined
  }

  /** An edit was made; the next update frame contains it. */
  edited(update: Uint8Array): void {
    this.#edits.push({ update, frame: 'pending', sent: 'unsent' })
  }

  /** There are edits that no update frame will contain. */
  markUnsent(updates: readonly Uint8Array[], sent: Sent = 'unsent'): void {
    this.#edits.push(...updates.map((update) => ({ update, frame: 'unsent' as const, sent })))
    if (this.#edits.length > MERGE_PAST_EDITS) this.#merge()
  }

  /** Pending edits will be in no update frame after all. */
  hold(): void {
    for (const edit of this.#edits) if (edit.frame === 'pending') edit.frame = 'unsent'
  }

  /** Keeps edits that were sent before, saved or not, to send them again. */
  keep(update: Uint8Array): void {
    this.#edits.push({ update, frame: 'unsent', sent: 'sent' })
  }

  /** Gives up an edit. */
  drop(update: Uint8Array): void {
    this.#edits = this.#edits.filter((edit) => edit.update !== update)
  }

  /** Replaces all edits by these, which no frame contains. */
  replace(updates: readonly Uint8Array[]): void {
    this.#edits = updates.map((update) => ({ update, frame: 'unsent', sent: 'unknown' }))
  }

  /** An update frame with every pending edit was sent. */
  sentUpdate(): void {
    this.#sent++
    this.#markSent(this.#edits.filter(({ frame }) => frame === 'pending'))
  }

  /** A sync step 2 with everything that the gateway lacks was sent. */
  sentStep2(): void {
    // The gateway counts it in any case.
    this.#sent++
    this.#markSent(this.#edits)
    if (this.#lacked) this.#lacked.frame = this.#sent
  }

  /** The gateway has stored all frames up to this one. */
  acknowledge(saved: number): void {
    const isUnsaved = ({ frame }: UnsavedEdit | Lacked) =>
      typeof frame !== 'number' || frame > saved
    this.#edits = this.#edits.filter(isUnsaved)
    if (this.#lacked && !isUnsaved(this.#lacked)) this.#lacked = undefined
  }

  /** The gateway rejected a frame: unless they were discarded, its edits have to be sent again. */
  reject(seq: number): void {
    this.#edits = this.#edits.filter(({ frame, isDiscarded }) => frame !== seq || !isDiscarded)
    for (const edit of this.#edits) if (edit.frame === seq) edit.frame = 'unsent'
    if (this.#lacked?.frame === seq) this.#lacked.frame = 'unsent'
  }

  /** The connection is gone; the next one counts from the start. */
  reset(): void {
    for (const edit of this.#edits) edit.frame = 'unsent'
    this.#lacked = undefined
    this.#sent = 0
  }

  /**
   * Discards edits that no frame contains. Those in frames may still be accepted, and then reappear in
   * the document: they count as unsaved until the gateway acknowledges or rejects them.
   */
  discard(): void {
    this.#edits = this.#edits.filter(({ frame }) => typeof frame === 'number')
    for (const edit of this.#edits) edit.isDiscarded = true
    this.#lacked = undefined
  }

  #markSent(edits: readonly UnsavedEdit[]): void {
    for (const edit of edits) {
      edit.frame = this.#sent
      edit.sent = 'sent'
    }
  }

  #merge(): void {
    const isUnsent = ({ frame, isDiscarded, sent }: UnsavedEdit) =>
      frame === 'unsent' && !isDiscarded && sent === 'unsent'
    const update = mergeUpdates(this.#edits.filter(isUnsent).map((edit) => edit.update))
    const others = this.#edits.filter((edit) => !isUnsent(edit))
    this.#edits = [...others, { update, frame: 'unsent', sent: 'unsent' }]
  }
}

function firstClocks(edits: readonly (UnsavedEdit | Lacked)[]): Clocks {
  const first = new Map<number, number>()
  for (const edit of edits) {
    for (const [client, clock] of clocksOf(edit)) {
      first.set(client, Math.min(clock, first.get(client) ?? clock))
    }
  }
  return first
}

function clocksOf(edit: UnsavedEdit | Lacked): Clocks {
  if ('update' in edit) edit.clocks ??= parseUpdateMeta(edit.update).from
  return edit.clocks as Clocks
}
