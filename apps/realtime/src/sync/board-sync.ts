import type { StoredDocument } from '@mindfuse/internal'
import {
  CLOSE_CODES,
  canEdit,
  type EditRefusal,
  encodeSyncStep1,
  encodeUpdate,
  MAX_BOARD_BYTES,
  MAX_SYNC_STEP_2_BYTES,
  MAX_UPDATE_BYTES,
  MalformedUpdateError,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import type { BoardDelivery } from '../delivery/board-delivery.ts'
import {
  type Answer,
  type AnswerPath,
  type ApplyOutcome,
  type BoardDocument,
  UP_TO_DATE,
} from '../document/board-document.ts'
import type { Edit } from '../document/edit.ts'
import { applyStored, type LeftOut, type StoredOutcome } from '../document/load-document.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { encodeRelayedEdit, RELAY_KINDS, type RelayedEdit } from '../relay/envelope.ts'
import type { UpdateWriter } from '../storage/update-writer.ts'
import { EditStorage } from './edit-storage.ts'
import { ResyncRequests } from './resync-requests.ts'

/** How often a document is read anew at most, milliseconds. */
const RENEWAL_INTERVAL_MS = 5 * 60_000

/** What the document of a board needs from its room. */
export interface BoardSyncDeps {
  boardId: string
  delivery: BoardDelivery
  writer: UpdateWriter
  relay: BoardRelay
  /** Told how a sync step 1 was answered. */
  onAnswer: (path: AnswerPath) => void
  log: Logger
}

/** The document of an open board: takes edits in, passes them on, and answers joins. */
export class BoardSync {
  readonly #deps: BoardSyncDeps
  #document: BoardDocument
  readonly #storage: EditStorage
  readonly #resyncs = new ResyncRequests<Connection>()
  #knownSeq: number
  #replacedAt = Date.now()

  /** @param knownSeq up to which stored update everything is in the document */
  constructor(document: BoardDocument, knownSeq: number, deps: BoardSyncDeps) {
    this.#deps = deps
    this.#storage = new EditStorage(deps)
    this.#document = document
    this.#knownSeq = knownSeq
  }

  /** Up to which stored update everything is in the document. */
  get knownSeq(): number {
    return this.#knownSeq
  }

  /** Begins with a connection: asks it for what the document lacks, unless both hold the same. */
  welcome(connection: Connection): void {
    const { digest } = connection
    if (digest === undefined || digest !== this.#document.digest) this.ask(connection)
    else this.#send(connection, UP_TO_DATE)
  }

  /** Asks a connection for what the document lacks. */
  ask(connection: Connection): void {
    connection.send(encodeSyncStep1(this.#document.stateVector))
  }

  /** Sends a connection what it lacks. @throws MalformedStateVectorError */
  answer(connection: Connection, stateVector: Uint8Array): void {
    // What they still lack is on its way to them by an earlier answer, and edits come behind it.
    const { isReceivingDocument } = connection
    const answer = isReceivingDocument ? UP_TO_DATE : this.#document.answer(stateVector)
    this.#send(connection, answer)
  }

  #send(connection: Connection, { path, frames }: Answer): void {
    this.#deps.onAnswer(path)
    for (const frame of frames) connection.sendDocument(frame)
  }

  /**
   * Takes an edit frame in; its bytes are the caller's again when this returns.
   * @throws MalformedUpdateError
   */
  edit(from: Connection, kind: 'update' | 'sync-step-2', update: Uint8Array): void {
    const frame = from.ledger?.receive() ?? 0
    if (kind === 'sync-step-2') this.#resyncs.close(from)
    const refusal = this.#refusal(from, kind, update)
    if (refusal) {
      this.#refuse(from, frame, refusal)
    } else {
      // The frame's memory is the socket's. It is copied once, as everybody gets it; what storage
      // keeps lies in there.
      const copy = encodeUpdate(update)
      const kept = copy.subarray(copy.length - update.length)
      const outcome = this.#document.apply(kept)
      if (outcome.kind === 'gap') {
        from.ledger?.skipAhead(frame)
        // The answer to a question that is on its way comes after this frame, and holds it too.
        if (this.#resyncs.open(from)) this.ask(from)
      } else {
        from.ledger?.wait(frame, { fillsHole: kind === 'sync-step-2' })
        if (outcome.kind === 'applied') {
          const isWhole = outcome.update === kept
          this.#passOn(from, outcome, isWhole ? copy : encodeUpdate(outcome.update))
        } else {
          this.#storage.repeat(from)
        }
      }
    }
    from.acknowledge()
  }

  /**
   * What is new goes to everybody here, to the other gateways, and to storage: in this order, since
   * people wait for the first, and nothing is lost between it and the last that would not be lost
   * while it waits to be stored.
   */
  #passOn(from: Connection, edit: Edit, frame: Uint8Array): void {
    const { relay, delivery } = this.#deps
    const { update } = edit
    delivery.edit(edit, { frame, except: from })
    const sequence = relay.tell(RELAY_KINDS.EDIT, () => encodeRelayedEdit(from.userId, update))
    this.#storage.add(from, update, sequence)
    this.#deliverPending()
  }

  /**
   * Takes in an edit that another gateway relayed; clients here get what is new.
   * @param sequence the number of the message
   * @returns whether it builds on something that is missing here
   */
  hear(gatewayId: string, sequence: number, edit: RelayedEdit): 'taken' | 'gap' {
    // What was here already is stored, or was heard of or taken in before.
    const heard = () => this.#storage.heard(gatewayId, sequence, edit)
    return this.#receive(edit.update, heard) === 'gap' ? 'gap' : 'taken'
  }

  /** Another gateway says what of its edits is stored. @throws for a payload that does not say it */
  hearStored(gatewayId: string, payload: Uint8Array): void {
    this.#storage.heardStored(gatewayId, payload)
  }

  /** A gateway died, perhaps before it stored what it relayed last: that is stored from here. */
  inherit(gatewayId: string): void {
    this.#storage.inherit(gatewayId)
  }

  /** @param onNews called before anybody here gets what is new */
  #receive(update: Uint8Array, onNews?: () => void): ApplyOutcome['kind'] {
    try {
      const outcome = this.#document.apply(update, { trusted: true })
      if (outcome.kind === 'applied') {
        onNews?.()
        this.#deps.delivery.edit(outcome)
        this.#deliverPending()
      }
      return outcome.kind
    } catch (error) {
      if (!(error instanceof MalformedUpdateError)) throw error
      // Every gateway inspects what it accepts, so this is another release's.
      const { boardId, log } = this.#deps
      log.error({ err: error, boardId }, 'update of another gateway left out')
    }
    return 'empty'
  }

  /** What was held for want of something that came just now goes to everybody. */
  #deliverPending(): void {
    for (const edit of this.#document.applyPending()) this.#deps.delivery.edit(edit)
  }

  /**
   * Takes in what is stored after {@link knownSeq}, as `document?after=` answers it.
   * @returns what of it was left out
   */
  catchUp(stored: StoredDocument): LeftOut {
    const leftOut: LeftOut = { seqs: [], snapshot: false, dropped: 0 }
    const take = (update: Uint8Array): StoredOutcome['kind'] => {
      const outcome = applyStored(this.#document, update)
      if (outcome.kind === 'applied') {
        this.#deps.delivery.edit(outcome)
        this.#deliverPending()
      } else if (outcome.kind === 'dropped') leftOut.dropped++
      return outcome.kind
    }
    if (stored.snapshot) leftOut.snapshot = take(stored.snapshot) === 'unreadable'
    for (const [i, update] of stored.updates.entries()) {
      if (take(update) === 'unreadable') leftOut.seqs.push(stored.seqs[i] as number)
    }
    this.#knownSeq = Math.max(this.#knownSeq, stored.seq)
    this.#storage.seen(stored.updates)
    return leftOut
  }

  /** Takes the document as it was read anew, at `seq`, for the present one. */
  replace(document: BoardDocument, seq: number): void {
    const before = this.#document
    // Clients here get what is new to them, and the new document what is not stored yet.
    this.#receive(document.diff(before.stateVector))
    document.apply(before.diff(document.stateVector), { trusted: true })
    this.#document = document
    // Something stored may build on what is not stored yet: it is new to everybody here.
    this.#deliverPending()
    this.#knownSeq = Math.max(this.#knownSeq, seq)
    this.#replacedAt = Date.now()
  }

  /** Whether reading the document anew would make it much smaller. */
  get isWorthRenewing(): boolean {
    return this.#document.isMostlyLog && Date.now() - this.#replacedAt > RENEWAL_INTERVAL_MS
  }

  /** Updates of this gateway are stored: `count` of them, the last under `seq`. */
  stored(seq: number, count: number): void {
    // With others' between them there is something here that may not have been heard of; so there is
    // where some are of an earlier room of this board, which closed before they were stored.
    const areAllOwn = this.#storage.takeStoredCount() === count
    if (areAllOwn && seq - count === this.#knownSeq) this.#knownSeq = seq
    this.#storage.announce()
  }

  #refusal(
    { role, rates }: Connection,
    kind: 'update' | 'sync-step-2',
    update: Uint8Array,
  ): EditRefusal | undefined {
    // Whoever has nothing to bring says so in answer to our step 1, viewers too.
    if (!canEdit(role) && !isEmpty(update)) return 'read_only'
    if (update.length > (kind === 'update' ? MAX_UPDATE_BYTES : MAX_SYNC_STEP_2_BYTES)) {
      return 'too_large'
    }
    if (this.#document.byteLength + update.length > MAX_BOARD_BYTES) return 'board_full'
    if (!rates.edits.take()) return 'rate_limited'
    if (this.#deps.writer.isFull) return 'storage_unavailable'
    return undefined
  }

  /** Tells the sender in words, or closes a client that has no text frames to read them in. */
  #refuse(from: Connection, seq: number, code: EditRefusal): void {
    // A viewer's stock client sends what it cannot know to be unwanted: that is dropped.
    if (from.hasText) from.sendMessage({ type: 'sync:rejected', seq, code })
    else if (code !== 'read_only') from.close(REFUSAL_CLOSE_CODES[code], code)
  }
}

/** Whether an update holds nothing, in the one way to say so. */
function isEmpty(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0
}

/** How a client without text frames learns that its edit was refused, and when to come back. */
const REFUSAL_CLOSE_CODES = {
  too_large: CLOSE_CODES.TOO_LARGE,
  board_full: CLOSE_CODES.TOO_LARGE,
  rate_limited: CLOSE_CODES.RATE_LIMITED,
  storage_unavailable: CLOSE_CODES.STORAGE_UNAVAILABLE,
} as const
