import { canEdit, type EditRefusal } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import type { People } from '../person/people.ts'
import type { Batcher } from '../storage/batcher.ts'
import { TRANSIENT_REFUSALS } from './edit-refusal.ts'
import { RefusalNotices } from './refusal-notices.ts'
import { ResyncRequests } from './resync-requests.ts'

/** How often the role of somebody whose edits were refused for it is looked at, milliseconds. */
const ROLE_INTERVAL_MS = 1_000

/** What the refused edits of a board concern. */
export interface EditRefusalsDeps {
  batcher: Batcher
  people: People
  /** Whether so much is unsaved that no further edit is accepted. */
  isStorageFull: () => boolean
  /** Whether the storage of the board's workspace is used up. */
  isQuotaUsedUp: () => boolean
  onEditRefused: (code: EditRefusal) => void
  /** Asks a client for what the document lacks. */
  requestSync: (connection: Connection) => void
}

/**
 * Edits of a board's clients that are refused, or leave a gap: who is told, and asked for what is missing.
 * What follows a refused edit leaves a gap, so both share the time until the next request.
 */
export class EditRefusals {
  readonly #deps: EditRefusalsDeps
  readonly #resyncs = new ResyncRequests<Connection>((connection) => this.#resync(connection))
  readonly #notices = new RefusalNotices()
  /** Viewers and commenters without text frames whose edits were refused. */
  readonly #drawingReaders = new WeakSet<Connection>()

  constructor(deps: EditRefusalsDeps) {
    this.#deps = deps
  }

  /** An edit is refused. @param frame its number */
  refuse(from: Connection, frame: number, code: EditRefusal): void {
    this.#deps.onEditRefused(code)
    this.#notices.send(from, code, frame)
    if (code === 'read_only') {
      if (!from.hasText) this.#askOnceEditor(from)
      return
    }
    // A client with text frames sends it again by itself.
    const asksLater = !from.hasText && TRANSIENT_REFUSALS.has(code)
    this.#resyncs.refused(from, code, { asksLater })
  }

  /** A connection is not asked for a while: the reply would be the frame that ended the last one. */
  spare(connection: Connection, backoffMs: number): void {
    this.#notices.send(connection, 'too_large', 0)
    this.#resyncs.refused(connection, 'too_large', { asksLater: true, backoffMs })
  }

  /** An edit left a gap. @param isReply to a request: its sender lacks something itself */
  leftGap(from: Connection, frame: number, isReply: boolean): void {
    if (isReply) this.#resyncs.refused(from, undefined, { asksLater: true })
    const refusal = this.#resyncs.request(from)
    if (refusal && !from.hasText) this.#notices.send(from, refusal, frame)
  }

  /** The reply to a request arrived. */
  replied(from: Connection): void {
    this.#resyncs.replied(from)
  }

  /** A reply was accepted. */
  accepted(from: Connection): void {
    this.#resyncs.accepted(from)
  }

  /** Should they become an editor, what they deleted before would leave no gap. */
  #askOnceEditor(connection: Connection): void {
    if (this.#drawingReaders.has(connection)) return
    this.#drawingReaders.add(connection)
    const timer = setInterval(() => {
      if (!connection.isClosed && !canEdit(connection.role)) return
      clearInterval(timer)
      this.#drawingReaders.delete(connection)
      if (!connection.isClosed) this.#resyncs.request(connection)
    }, ROLE_INTERVAL_MS).unref()
  }

  /** Requests what is missing, unless it would be refused: then later. */
  #resync(connection: Connection): void {
    if (connection.isClosed) return
    const refusal = this.#presentRefusal(connection)
    if (refusal) this.#resyncs.refused(connection, refusal, { asksLater: true })
    else this.#deps.requestSync(connection)
  }

  /** Why any edit of a connection would be refused at present. */
  #presentRefusal({ userId, isHeld }: Connection): EditRefusal | undefined {
    const { batcher, people, isStorageFull, isQuotaUsedUp } = this.#deps
    if (batcher.isShareUsedUp(userId)) return 'rate_limited'
    if (people.find(userId)?.owesEdits(performance.now())) return 'rate_limited'
    if (isHeld || isStorageFull()) return 'storage_unavailable'
    return isQuotaUsedUp() ? 'quota_exceeded' : undefined
  }
}
