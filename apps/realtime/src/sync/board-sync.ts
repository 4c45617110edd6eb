import { MAX_UPDATE_BATCH_BYTES, type StoredDocument } from '@mindfuse/internal'
import {
  type BoardSize,
  CLOSE_CODES,
  canEdit,
  type EditRefusal,
  encodeSyncStep1,
  encodeUpdate,
  MalformedUpdateError,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import { MAX_WHOLE_BYTES } from '../connection/outbox.ts'
import type { UnreadDocuments } from '../connection/unread-documents.ts'
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
import type { People } from '../person/people.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { encodeRelayedEdit, RELAY_KINDS, type RelayedEdit } from '../relay/envelope.ts'
import { MAX_RELAYED_EDIT_BYTES, type RelayedBytes } from '../relay/relayed-bytes.ts'
import type { Batcher } from '../storage/batcher.ts'
import type { BoardQueue, StorageRefusal, StoredUpdates } from '../storage/board-queue.ts'
import { type EditFrameKind, refusalOf } from './edit-refusal.ts'
import { EditRefusals } from './edit-refusals.ts'
import { type EditOrigin, EditStorage } from './edit-storage.ts'
import { type LostPositions, type Position, StoredPosition } from './stored-position.ts'

/** Minimum time between two reloads of a document, milliseconds. */
const RELOAD_INTERVAL_MS = 5 * 60_000

/** Edits that take less are not counted: their number is limited. */
const MIN_COUNTED_MS = 1

/** An update with nothing in it, which is what most clients answer the first sync step 1 with. */
const EMPTY_UPDATE_BYTES = 2

/** The largest update that is stored again, bytes: it has to fit into a batch with its framing. */
const MAX_RESTORED_BYTES = MAX_UPDATE_BATCH_BYTES - 1024

/** What the document of a board needs from its room. */
export interface BoardSyncDeps {
  boardId: string
  /** The board's connections on this gateway. */
  members: ReadonlySet<Connection>
  delivery: BoardDelivery
  batcher: Batcher
  unread: UnreadDocuments
  people: People
  relay: BoardRelay
  relayedBytes: Pick<RelayedBytes, 'take'>
  /** Whether the storage of the board's workspace is used up. */
  isQuotaUsedUp: () => boolean
  /** How a sync step 1 was answered. */
  onAnswer: (path: AnswerPath) => void
  /** An edit of this user needs the room that a merge would make. @returns whether to expect it */
  onRoomNeeded: (userId: string) => boolean
  /** An edit was rejected. */
  onEditRefused: (code: EditRefusal) => void
  /** Every edit of the board is stored. */
  onAllStored: () => void
  /** The board's edits will never be stored. */
  onRefused: (reason: StorageRefusal) => void
  /** The database may have lost updates that it had stored: nothing is saved until they are restored. */
  onLost: (positions: LostPositions) => void
  log: Logger
}

/** The document of an open board: applies edits, delivers and relays them, and answers joins. */
export class BoardSync {
  readonly #deps: BoardSyncDeps
  #document: BoardDocument
  readonly #queue: BoardQueue<EditOrigin>
  readonly #storage: EditStorage
  readonly #refusals: EditRefusals
  #position: StoredPosition
  /** See `ReadDocument`. */
  readonly replacedSeq: number
  #loadedAt = performance.now()

  /** @param position the stored update up to which everything is in the document */
  constructor(
    document: BoardDocument,
    position: Position & { replacedSeq: number },
    deps: BoardSyncDeps,
  ) {
    this.#deps = deps
    this.#document = document
    this.#position = new StoredPosition(position)
    this.replacedSeq = position.replacedSeq
    this.#queue = deps.batcher.open(deps.boardId, {
      onStored: (stored) => this.#stored(stored),
      onRefused: (reason) => {
        this.#storage.abandon()
        deps.onRefused(reason)
      },
    })
    this.#storage = new EditStorage({ queue: this.#queue, relay: deps.relay })
    const { batcher, people, isQuotaUsedUp, onEditRefused } = deps
    this.#refusals = new EditRefusals({
      ...{ batcher, people, isQuotaUsedUp, onEditRefused },
      isStorageFull: () => this.#isStorageFull,
      requestSync: (connection) => this.#requestSync(connection),
    })
  }

  /** The stored update up to which everything is in the document. */
  get knownSeq(): number {
    return this.#position.knownSeq
  }

  /** Begins anew when what the database had lost is restored: other numbers may count from then on. */
  get position(): StoredPosition {
    return this.#position
  }

  /** The bytes of the document. */
  get byteLength(): number {
    return this.#document.byteLength
  }

  /** How large the document is. */
  get size(): BoardSize {
    return this.#document.size
  }

  /** Whether edits of the board are not stored yet, or may not be any more. */
  get hasUnsaved(): boolean {
    return this.#queue.hasUnsaved || this.#storage.isHeld
  }

  /** Whether so much is unsaved, of all boards or of this one, that no further edit is accepted. */
  get #isStorageFull(): boolean {
    const { batcher } = this.#deps
    return batcher.isFull || batcher.isBoardShareUsedUp(this.#queue)
  }

  /** Begins with a connection: requests what the document lacks, unless both hold the same. */
  welcome(connection: Connection): void {
    const { digest, oversizedForMs } = connection
    if (digest !== undefined && digest === this.#document.digest) {
      this.#send(connection, UP_TO_DATE)
    } else if (oversizedForMs > 0) {
      this.#refusals.spare(connection, oversizedForMs)
    } else {
      this.#requestSync(connection)
    }
  }

  /**
   * Sends a connection what it lacks, or has it wait while there is too much that was not read.
   * @throws MalformedStateVectorError
   */
  answer(connection: Connection, stateVector: Uint8Array): void {
    const { unread, log } = this.#deps
    // The rest is on its way by an earlier answer, and later edits follow behind it.
    if (connection.isReceivingAnswer) {
      this.#send(connection, UP_TO_DATE)
    } else if (unread.hasRoomFor(connection.userId)) {
      const answer = unread.build(connection.userId, () => this.#document.answer(stateVector))
      this.#send(connection, answer)
    } else {
      const kept = stateVector.slice()
      const answer = () => guardFrame(connection, log, () => this.answer(connection, kept))
      if (unread.wait(connection, answer)) return
      connection.close(CLOSE_CODES.TOO_SLOW, 'too many documents are unread')
    }
  }

  /**
   * Receives an edit frame; its bytes are the caller's again when this returns.
   * @throws MalformedUpdateError
   */
  receive(from: Connection, kind: EditFrameKind, update: Uint8Array): void {
    const frame = from.ledger?.receive() ?? 0
    if (kind === 'sync-step-2') this.#refusals.replied(from)
    const { batcher, people, isQuotaUsedUp } = this.#deps
    const person = people.of(from.userId)
    const startedAt = performance.now()
    try {
      const refusal = refusalOf(from, update, {
        isStorageFull: this.#isStorageFull || batcher.isFullFor(update.length),
        isShareUsedUp: batcher.isShareUsedUp(from.userId) || person.owesEdits(startedAt),
        isQuotaUsedUp: isQuotaUsedUp(),
        isNew: () => !this.#document.contains(update),
      })
      if (refusal) {
        this.#refusals.refuse(from, frame, refusal)
      } else if (!canEdit(from.role)) {
        // The board holds all of it.
        this.#accepted(from, kind, frame)
        this.#storage.repeat(from)
      } else {
        if (update.length > EMPTY_UPDATE_BYTES) person.editBytes.charge(startedAt, update.length)
        this.#apply(from, { kind, update, frame })
      }
    } finally {
      const tookMs = performance.now() - startedAt
      if (tookMs >= MIN_COUNTED_MS) person.editTime.charge(startedAt, tookMs)
      // Its sender may have left while the board was loading.
      people.forgetIfIdle(person)
    }
    from.acknowledge()
  }

  #apply(
    from: Connection,
    { kind, update, frame }: { kind: EditFrameKind; update: Uint8Array; frame: number },
  ): void {
    // The socket owns the frame's memory. It is copied once, as it is sent to everybody; storage
    // keeps a part of that copy.
    const copy = encodeUpdate(update)
    const kept = copy.subarray(copy.length - update.length)
    const outcome = this.#document.apply(kept)
    if (outcome.kind === 'gap') {
      from.ledger?.skipAhead(frame)
      this.#refusals.leftGap(from, frame, kind === 'sync-step-2')
      return
    }
    if (outcome.kind === 'refused') {
      const { code } = outcome
      const refusal = code === 'unmerged' ? this.#refusalUntilMerged(from) : code
      this.#refusals.refuse(from, frame, refusal)
      return
    }
    this.#accepted(from, kind, frame)
    if (outcome.kind === 'applied') {
      const isWhole = outcome.update === kept
      this.#passOn(from, outcome, isWhole ? copy : undefined)
    } else {
      this.#storage.repeat(from)
    }
  }

  #accepted(from: Connection, kind: EditFrameKind, frame: number): void {
    if (kind === 'sync-step-2') this.#refusals.accepted(from)
    from.ledger?.addPending(frame, { closesGap: kind === 'sync-step-2' })
  }

  /** Why an edit is refused that the document has room for once it is merged. */
  #refusalUntilMerged({ userId }: Connection): EditRefusal {
    return this.#deps.onRoomNeeded(userId) ? 'rate_limited' : 'board_full'
  }

  /**
   * Delivers the new part of an edit here, relays it, and queues it to be stored: in this order,
   * because people wait for the first, and a crash in between loses nothing that it would not lose
   * while the edit is in the queue.
   */
  #passOn(from: Connection, edit: Edit, frame: Uint8Array | undefined): void {
    const { relay } = this.#deps
    const { update } = edit
    this.#deliver(edit, frame, from)
    const isRelayed = this.#mayRelay(update)
    const sequence = isRelayed
      ? relay.sendUnlessAlone(RELAY_KINDS.EDIT, () => encodeRelayedEdit(from.userId, update))
      : relay.sequence
    this.#storage.add(from, update, { sequence, isRelayed })
    this.#deliverPending()
  }

  #mayRelay({ length }: Uint8Array): boolean {
    const { relay, relayedBytes } = this.#deps
    return relay.isAlone ? length <= MAX_RELAYED_EDIT_BYTES : relayedBytes.take(length)
  }

  /** Delivers an edit that was just applied. @param frame the frame of its update, if it is known */
  #deliver(edit: Edit, frame?: Uint8Array, except?: Connection): void {
    const { delivery } = this.#deps
    if (edit.update.length <= MAX_WHOLE_BYTES) delivery.sendEdit(edit, { frame, except })
    else delivery.sendLargeEdit(edit, this.#document.frameOf(edit), except)
  }

  /**
   * Receives an edit that another gateway relayed; clients here get its new part.
   * @param sequence the number of the message
   * @returns whether a dependency is missing here
   */
  receiveRelayed(gatewayId: string, sequence: number, edit: RelayedEdit): 'applied' | 'gap' {
    // What is known here already is stored, or tracked as unconfirmed or queued.
    const track = () => this.#storage.addRelayed(gatewayId, sequence, edit)
    return this.#applyRelayed(edit.update, track) === 'gap' ? 'gap' : 'applied'
  }

  /** Another gateway sent which of its edits are stored. @throws for a malformed payload */
  confirmRelayed(gatewayId: string, payload: Uint8Array): void {
    this.#storage.confirmRelayed(gatewayId, payload)
  }

  /** A gateway died, perhaps before it stored what it relayed last: this one stores it. */
  takeOver(gatewayId: string): void {
    this.#storage.takeOver(gatewayId)
  }

  /** @param onNew called before clients get the new part */
  #applyRelayed(update: Uint8Array, onNew?: () => void): ApplyOutcome['kind'] {
    try {
      const outcome = this.#document.apply(update, { trusted: true })
      if (outcome.kind === 'applied') {
        onNew?.()
        this.#deliver(outcome)
        this.#deliverPending()
      }
      return outcome.kind
    } catch (error) {
      if (!(error instanceof MalformedUpdateError)) throw error
      // Every gateway inspects the edits it accepts, so this one is of another release.
      const { boardId, log } = this.#deps
      log.error({ err: error, boardId }, 'update of another gateway left out')
    }
    return 'empty'
  }

  /** Delivers pending updates whose missing dependency has just been applied. */
  #deliverPending(): void {
    this.#document.applyPending((edit) => this.#deliver(edit))
  }

  /**
   * Applies what is stored after {@link knownSeq}, as `document?after=` returns it.
   * @returns what was left out
   */
  catchUp(stored: StoredDocument): LeftOut {
    const leftOut: LeftOut = { seqs: [], snapshot: false, dropped: 0 }
    const apply = (update: Uint8Array): StoredOutcome['kind'] => {
      const outcome = applyStored(this.#document, update)
      if (outcome.kind === 'applied') {
        this.#deliver(outcome)
        this.#deliverPending()
      } else if (outcome.kind === 'dropped') leftOut.dropped++
      return outcome.kind
    }
    if (stored.snapshot) leftOut.snapshot = apply(stored.snapshot) === 'unreadable'
    for (const [i, update] of stored.updates.entries()) {
      if (apply(update) === 'unreadable') leftOut.seqs.push(stored.seqs[i] as number)
    }
    this.#position.read(stored.seq)
    this.#storage.confirmRead(stored.updates)
    return leftOut
  }

  /** Replaces the document by one that was loaded at `seq`. */
  replace(document: BoardDocument, seq: number): void {
    const before = this.#document
    const known = before.stateVector
    // The new document gets what is not stored yet.
    document.apply(before.diff(document.stateVector), { trusted: true })
    // What they have not read of the one before would stay in memory for them alone.
    for (const member of [...this.#deps.members]) {
      if (!member.isReceivingDocument) continue
      member.close(CLOSE_CODES.TOO_SLOW, 'the document was replaced while it was read')
    }
    this.#document = document
    // The others get what is new to them.
    const news = before.apply(document.diff(known), { trusted: true })
    if (news.kind === 'applied') this.#deliver(news)
    // A stored update may depend on one that is not stored yet: it is new to all clients here.
    this.#deliverPending()
    this.#position.read(seq)
    this.#loadedAt = performance.now()
  }

  /** Whether reloading the document would make it much smaller, and costs nobody their connection. */
  get isWorthReloading(): boolean {
    const isDue =
      this.#document.isMostlyLog && performance.now() - this.#loadedAt > RELOAD_INTERVAL_MS
    return isDue && !this.#isBeingRead
  }

  /** Whether a merge would make the document much smaller, and costs nobody their connection. */
  get isWorthMerging(): boolean {
    return this.#document.isWorthMerging && !this.#isBeingRead
  }

  get #isBeingRead(): boolean {
    for (const { isReceivingDocument } of this.#deps.members) if (isReceivingDocument) return true
    return false
  }

  /** The database may have lost updates that were stored: nothing is saved until they are restored. */
  doubt(positions: LostPositions): void {
    this.#storage.hold()
    this.#deps.onLost(positions)
  }

  /** Whether {@link restore} is due. */
  get isInDoubt(): boolean {
    return this.#storage.isInDoubt
  }

  /**
   * Queues what the database lacks of the document, and asks clients for what else they hold.
   * @param stored the board as it is stored now
   * @param userId in whose name it is stored
   * @returns the bytes that it lacked, and when they are stored; undefined if they are too many
   */
  restore(
    stored: Position & { document: BoardDocument },
    userId: string,
  ): { bytes: number; done: Promise<void> } | undefined {
    const { members, onAllStored } = this.#deps
    const lost = this.#document.diff(stored.document.stateVector)
    const bytes = stored.document.contains(lost) ? 0 : lost.length
    if (bytes > MAX_RESTORED_BYTES) return undefined
    this.#position = new StoredPosition(stored)
    this.#adopt(stored.document)
    if (bytes > 0) this.#storage.restore({ userId, update: lost })
    const done = this.#storage.release()
    for (const member of members) {
      if (canEdit(member.role) && member.oversizedForMs === 0) this.#requestSync(member)
    }
    if (!this.hasUnsaved) onAllStored()
    return { bytes, done }
  }

  /** Applies what is in another document of the board. */
  #adopt(other: BoardDocument): void {
    const news = this.#document.apply(other.diff(this.#document.stateVector), { trusted: true })
    if (news.kind === 'applied') this.#deliver(news)
    for (const update of other.pendingUpdates) {
      const outcome = applyStored(this.#document, update)
      if (outcome.kind === 'applied') this.#deliver(outcome)
    }
    this.#deliverPending()
  }

  #stored({ updates, ...position }: StoredUpdates<EditOrigin>): void {
    const lost = this.#position.stored(position, updates.length)
    // While it is in doubt, what is stored is in the document, which will be compared.
    if (lost && !this.isInDoubt) this.doubt(lost)
    this.#storage.confirm(updates)
    if (!this.hasUnsaved) this.#deps.onAllStored()
  }

  #requestSync(connection: Connection): void {
    connection.send(encodeSyncStep1(this.#document.stateVector))
  }

  #send(connection: Connection, { path, frames }: Answer): void {
    this.#deps.onAnswer(path)
    for (const frame of frames) connection.sendDocument(frame)
  }
}
