import type { Connection } from '../connection/connection.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import {
  decodeRelayedRange,
  encodeRelayedRange,
  RELAY_KINDS,
  type RelayedEdit,
} from '../relay/envelope.ts'
import type { UpdateWriter } from '../storage/update-writer.ts'
import { OVERDUE_MS, type UnconfirmedEdit, UnconfirmedEdits } from './unconfirmed-edits.ts'

/**
 * What becomes of a board's edits until they are stored. A frame counts as saved once everything is
 * stored that was on the board when it came: it may repeat that, or build on it, and then cannot be
 * read without it. Of this gateway's edits the writer knows; other gateways tell of theirs.
 */
export class EditStorage {
  readonly #boardId: string
  readonly #writer: UpdateWriter
  readonly #relay: BoardRelay
  readonly #unconfirmed = new UnconfirmedEdits()
  /** Frames that wait for other gateways' edits alone, oldest first. */
  readonly #stored: { sender: Connection; after: number }[] = []
  /** Whose frames were saved in this turn of the event loop. */
  #told = new Set<Connection>()
  #overdueTimer: NodeJS.Timeout | undefined
  /** The first own message with an edit. */
  #firstSequence = 0
  /** The newest own message whose edit is stored, and up to which the other gateways know it. */
  #storedSequence = 0
  #toldSequence = 0
  /** How many updates were stored since somebody asked. */
  #storedCount = 0

  constructor(deps: { boardId: string; writer: UpdateWriter; relay: BoardRelay }) {
    this.#boardId = deps.boardId
    this.#writer = deps.writer
    this.#relay = deps.relay
  }

  /** Stores what a frame brought. @param sequence the number of the message that relayed it */
  add(sender: Connection, update: Uint8Array, sequence: number): void {
    const after = this.#unconfirmed.position
    this.#firstSequence ||= sequence
    this.#writer.add(this.#boardId, { userId: sender.userId, update }, () => {
      this.#storedCount++
      this.#storedSequence = sequence
      this.#frameStored(sender, after)
    })
  }

  /** A frame brought nothing new; what it repeats may still be on its way to Postgres. */
  repeat(sender: Connection): void {
    const after = this.#unconfirmed.position
    const onStored = () => this.#frameStored(sender, after)
    if (!this.#writer.whenStored(this.#boardId, onStored)) onStored()
  }

  /** An edit of another gateway is on the board now. @param sequence of the message */
  heard(gatewayId: string, sequence: number, edit: RelayedEdit): void {
    this.#unconfirmed.add(gatewayId, sequence, edit)
    if (this.#unconfirmed.isFull) this.#takeOver(this.#unconfirmed.takeOverdue())
  }

  /** Another gateway says what of its edits is stored. @throws for a payload that does not say it */
  heardStored(gatewayId: string, payload: Uint8Array): void {
    this.#unconfirmed.confirm(gatewayId, decodeRelayedRange(payload))
    this.#tellSaved()
  }

  /** These updates were read from Postgres. */
  seen(updates: readonly Uint8Array[]): void {
    this.#unconfirmed.confirmStored(updates)
    this.#tellSaved()
  }

  /** A gateway died, perhaps before it stored what it relayed last: that is stored from here. */
  inherit(gatewayId: string): void {
    this.#takeOver(this.#unconfirmed.take(gatewayId))
  }

  /** How many of the updates that were handed on from here were stored since the last call. */
  takeStoredCount(): number {
    const count = this.#storedCount
    this.#storedCount = 0
    return count
  }

  /** Tells the other gateways that have the board open what is stored: their clients wait for it. */
  announce(): void {
    const [other] = this.#relay.gateways
    if (other === undefined || this.#storedSequence === this.#toldSequence) return
    this.#toldSequence = this.#storedSequence
    const range = { first: this.#firstSequence, last: this.#storedSequence }
    this.#relay.send(RELAY_KINDS.STORED, encodeRelayedRange(range))
  }

  /**
   * All of this gateway's edits up to a sender's frame are stored.
   * @param after the position among other gateways’ edits at which it came
   */
  #frameStored(sender: Connection, after: number): void {
    if (!sender.ledger) return
    this.#stored.push({ sender, after })
    this.#tellSaved()
  }

  #tellSaved(): void {
    for (let first = this.#stored[0]; first; first = this.#stored[0]) {
      if (!this.#unconfirmed.isConfirmed(first.after)) {
        this.#overdueTimer ??= setTimeout(() => this.#storeOverdue(), OVERDUE_MS)
        return
      }
      this.#stored.shift()
      first.sender.ledger?.store(1)
      this.#tell(first.sender)
    }
  }

  /** At once, unlike what was received: batches are far enough apart. Once for all of a batch. */
  #tell(sender: Connection): void {
    if (this.#told.size === 0) {
      queueMicrotask(() => {
        const told = this.#told
        this.#told = new Set()
        for (const connection of told) connection.flush()
      })
    }
    this.#told.add(sender)
  }

  /** Somebody waits for what another gateway has not stored, and storing works from here. */
  #storeOverdue(): void {
    this.#overdueTimer = undefined
    this.#takeOver(this.#unconfirmed.takeOverdue())
    this.#tellSaved()
  }

  #takeOver(edits: readonly UnconfirmedEdit[]): void {
    for (const edit of edits) {
      this.#writer.add(this.#boardId, edit, () => {
        this.#storedCount++
        this.#unconfirmed.confirmTaken(edit)
        this.#tellSaved()
      })
    }
  }
}
