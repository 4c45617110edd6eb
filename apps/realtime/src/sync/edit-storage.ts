import type { BatchedUpdate } from '@mindfuse/internal'
import type { Connection } from '../connection/connection.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import {
  decodeRelayedRange,
  encodeRelayedRange,
  RELAY_KINDS,
  type RelayedEdit,
} from '../relay/envelope.ts'
import type { BoardQueue, QueuedUpdate } from '../storage/board-queue.ts'
import { OVERDUE_MS, type UnconfirmedEdit, UnconfirmedEdits } from './unconfirmed-edits.ts'

/** Of an edit made here, the number of the message that relayed it; or an edit that was taken over. */
export type EditOrigin = number | UnconfirmedEdit

/** A frame that is not saved yet. */
interface PendingFrame {
  sender: Connection
  /** The newest unsaved edit in the queue when the frame arrived, its own included. */
  behind: QueuedUpdate<EditOrigin> | undefined
  /** The position among other gateways' edits at which the frame arrived. */
  after: number
}

/**
 * Tracks a board's edits until they are stored. A frame counts as saved once everything is stored
 * that was on the board when it arrived: it may repeat that, or build on it, and then cannot be read
 * without it. This gateway's edits are in the queue; other gateways send which of theirs are stored.
 */
export class EditStorage {
  readonly #queue: BoardQueue<EditOrigin>
  readonly #relay: BoardRelay
  readonly #unconfirmed = new UnconfirmedEdits()
  /** Oldest first. What a frame waits for, those behind it wait for as well. */
  #frames: PendingFrame[] = []
  /** How many frames of whom were saved in this turn of the event loop. */
  #saved = new Map<Connection, number>()
  #overdueTimer: NodeJS.Timeout | undefined
  /** The first own message with an edit. */
  #firstSequence = 0
  /** The newest own message whose edit is stored, and the newest that other gateways know of. */
  #storedSequence = 0
  #announcedSequence = 0
  /** Edits that are not relayed, until they are stored. */
  readonly #unrelayed = new Set<Uint8Array>()
  /** Whether one of them was stored since. */
  #hasUnrelayed = false
  /** What has to be stored before anything counts as saved; `unknown` until the database was read. */
  #barrier: 'unknown' | QueuedUpdate<EditOrigin> | undefined
  #onRelease: (() => void) | undefined

  constructor(deps: { queue: BoardQueue<EditOrigin>; relay: BoardRelay }) {
    this.#queue = deps.queue
    this.#relay = deps.relay
  }

  /** Stores the new part of a frame. @param relayed.sequence the number of the last message */
  add(
    sender: Connection,
    update: Uint8Array,
    { sequence, isRelayed }: { sequence: number; isRelayed: boolean },
  ): void {
    this.#firstSequence ||= sequence
    if (!isRelayed) this.#unrelayed.add(update)
    this.#queue.add({ userId: sender.userId, update }, sequence)
    this.#await(sender)
  }

  /** A frame held nothing new; what it repeats may not be stored yet. */
  repeat(sender: Connection): void {
    this.#await(sender)
    this.#settle()
  }

  /** Another gateway's edit was applied. @param sequence the number of its message */
  addRelayed(gatewayId: string, sequence: number, edit: RelayedEdit): void {
    this.#unconfirmed.add(gatewayId, sequence, edit)
    if (this.#unconfirmed.isFull) this.#takeOver(this.#unconfirmed.takeOverdue())
  }

  /** Another gateway sent which of its edits are stored. @throws for a malformed payload */
  confirmRelayed(gatewayId: string, payload: Uint8Array): void {
    this.#unconfirmed.confirm(gatewayId, decodeRelayedRange(payload))
    this.#settle()
  }

  /** These updates were read from PostgreSQL. */
  confirmRead(updates: readonly Uint8Array[]): void {
    this.#unconfirmed.confirmStored(updates)
    this.#settle()
  }

  /** These updates of the queue were stored. */
  confirm(updates: readonly QueuedUpdate<EditOrigin>[]): void {
    const taken = new Set<UnconfirmedEdit>()
    for (const { origin, update } of updates) {
      if (typeof origin === 'number') this.#storedSequence = origin
      else taken.add(origin)
      if (this.#unrelayed.delete(update)) this.#hasUnrelayed = true
    }
    this.#unconfirmed.confirmTaken(taken)
    this.#settle()
  }

  /** Whether nothing counts as saved, also of what is stored. */
  get isHeld(): boolean {
    return this.#barrier !== undefined
  }

  /** Whether it is not known what has to be stored before anything counts as saved. */
  get isInDoubt(): boolean {
    return this.#barrier === 'unknown'
  }

  /** The database may have lost what was stored: from now on nothing counts as saved. */
  hold(): void {
    this.#barrier = 'unknown'
    this.#endRelease()
  }

  /** Queues what the database lost: other gateways fetch it. */
  restore(edit: BatchedUpdate): void {
    this.#unrelayed.add(edit.update)
    this.#queue.add(edit, this.#relay.sequence)
  }

  /** What was lost is in the queue. @returns once it is stored, or held again */
  release(): Promise<void> {
    this.#barrier = this.#queue.newest
    return new Promise((resolve) => {
      this.#onRelease = resolve
      this.#settle()
    })
  }

  /** The queue was refused: no pending frame will ever be saved. */
  abandon(): void {
    this.#frames = []
    this.#unrelayed.clear()
    this.#endRelease()
    clearTimeout(this.#overdueTimer)
  }

  #endRelease(): void {
    this.#onRelease?.()
    this.#onRelease = undefined
  }

  /** A gateway died, perhaps before it stored what it relayed last: this one stores it. */
  takeOver(gatewayId: string): void {
    this.#takeOver(this.#unconfirmed.take(gatewayId))
  }

  #takeOver(edits: readonly UnconfirmedEdit[]): void {
    for (const edit of edits) this.#queue.add(edit, edit)
  }

  /**
   * Tells other gateways that have the board open what is stored: their clients wait for it. What was not
   * relayed they fetch.
   */
  #announce(): void {
    if (this.#relay.isAlone) return
    if (this.#hasUnrelayed) this.#relay.skip()
    else if (this.#storedSequence === this.#announcedSequence) return
    this.#hasUnrelayed = false
    this.#announcedSequence = this.#storedSequence
    const range = { first: this.#firstSequence, last: this.#storedSequence }
    this.#relay.send(RELAY_KINDS.STORED, encodeRelayedRange(range))
  }

  #await(sender: Connection): void {
    if (!sender.ledger) return
    this.#frames.push({ sender, behind: this.#queue.newest, after: this.#unconfirmed.position })
  }

  /** Announces what is stored, and reports the frames that are saved by now. */
  #settle(): void {
    if (this.#barrier === 'unknown' || this.#barrier?.isStored === false) return
    this.#barrier = undefined
    this.#endRelease()
    this.#announce()
    let count = 0
    for (const { sender, behind, after } of this.#frames) {
      if (behind && !behind.isStored) break
      if (!this.#unconfirmed.isConfirmed(after)) {
        this.#overdueTimer ??= setTimeout(() => this.#storeOverdue(), OVERDUE_MS)
        break
      }
      this.#report(sender)
      count++
    }
    // All at once: removing them one by one would copy the rest each time.
    if (count > 0) this.#frames.splice(0, count)
  }

  /** Without the delay of other acknowledgements, and once for all frames of a batch. */
  #report(sender: Connection): void {
    if (this.#saved.size === 0) queueMicrotask(() => this.#flush())
    this.#saved.set(sender, (this.#saved.get(sender) ?? 0) + 1)
  }

  #flush(): void {
    const saved = this.#saved
    this.#saved = new Map()
    for (const [sender, count] of saved) {
      sender.ledger?.store(count)
      sender.acknowledgeNow()
    }
  }

  /** A frame waits for an edit that another gateway has not stored, while storing works here. */
  #storeOverdue(): void {
    this.#overdueTimer = undefined
    this.#takeOver(this.#unconfirmed.takeOverdue())
    this.#settle()
  }
}
