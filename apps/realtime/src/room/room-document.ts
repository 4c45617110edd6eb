import { CLOSE_CODES, type CloseCode } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Metrics } from '../metrics.ts'
import type { StorageRefusal } from '../storage/board-queue.ts'
import { BoardSync, type BoardSyncDeps } from '../sync/board-sync.ts'
import type { LostPositions, Position, StoredPosition } from '../sync/stored-position.ts'
import { LoadingQueue } from './loading-queue.ts'
import { MergePace } from './merge-pace.ts'
import type { Restorations } from './restorations.ts'
import type { LoadedBoard, RestoreOutcome, StoredBoard, StoredState } from './stored-board.ts'

const LOST = 'the database lost updates: reconnect'
const REPLACED = 'the document was replaced: reconnect'

/** When a board is restored again after that failed, milliseconds. */
const RESTORE_RETRY_MS = 1_000

/** What the document needs from its room. */
export interface RoomDocumentDeps
  extends Pick<
    BoardSyncDeps,
    | 'boardId'
    | 'members'
    | 'batcher'
    | 'unread'
    | 'people'
    | 'delivery'
    | 'relay'
    | 'relayedBytes'
    | 'isQuotaUsedUp'
    | 'onAnswer'
    | 'onEditRefused'
    | 'onAllStored'
  > {
  stored: StoredBoard
  restorations: Restorations
  metrics: Metrics
  log: Logger
  /** Runs a load in its turn among those of the same person. */
  load: <Result>(load: () => Promise<Result>) => Promise<Result>
  /** Someone on the board, or the one who opened it. */
  someone: () => string
  /** The document is loaded. Called before anything that arrived meanwhile is handled. */
  onOpen: (sync: BoardSync) => void
  /** The board cannot be loaded or stored: the room has to close. */
  onFailure: (code: CloseCode, reason: string) => void
}

/** Nothing is answered before the document is open. */
type State =
  | { kind: 'loading'; queue: LoadingQueue }
  | { kind: 'open'; sync: BoardSync }
  | { kind: 'closed' }

/** The document of a room, from loading to closing, and how it catches up with what is stored. */
export class RoomDocument {
  readonly #deps: RoomDocumentDeps
  #state: State = { kind: 'loading', queue: new LoadingQueue() }
  readonly #mergePace = new MergePace()
  /** Whose edit needs the room that a merge would make. */
  #roomNeededBy: string | undefined
  #isMerging = false
  #restoring: Promise<void> | undefined
  #reading: Promise<void> | undefined
  /** Whether something was found missing during a read, which may have come too early for it. */
  #isRepairDue = false

  constructor(deps: RoomDocumentDeps) {
    this.#deps = deps
  }

  /** The document, while it is open. */
  get sync(): BoardSync | undefined {
    return this.#state.kind === 'open' ? this.#state.sync : undefined
  }

  /** Where to put what needs the document, while it is loading. */
  get queue(): LoadingQueue | undefined {
    return this.#state.kind === 'loading' ? this.#state.queue : undefined
  }

  /** Opens the document as it was loaded, then handles what arrived meanwhile. */
  open(loaded: LoadedBoard | undefined): void {
    const { queue } = this
    if (!queue) return
    if (!loaded) {
      this.#failAsGone()
      return
    }
    const sync = new BoardSync(loaded.document, loaded, {
      ...this.#deps,
      onRoomNeeded: (userId) => this.#requestMerge(userId),
      onRefused: (reason) => this.#failAsRefused(reason),
      onLost: (positions) => this.#reportLoss(positions),
    })
    this.#state = { kind: 'open', sync }
    this.#deps.onOpen(sync)
    queue.runAll()
  }

  /** Resolves once nothing is lost that was stored, as far as it is known here; undefined while it is so. */
  get restored(): Promise<void> | undefined {
    return this.#restoring
  }

  /** Fetches what is stored and not known here. */
  repair(): void {
    const { sync } = this
    this.#isRepairDue = this.#reading !== undefined
    if (!sync || this.#reading || this.#restoring) return
    this.#deps.metrics.repairs.inc()
    void this.#read(() => this.#deps.stored.catchUp(sync))
  }

  /**
   * Makes the document smaller where that is worth it: merges it in the API, or loads what was merged
   * there anyway.
   * @param userId someone on the board, who takes a turn of the API's workers for it
   */
  shrinkIfWorthIt(userId: string): void {
    const { sync } = this
    if (!sync || this.#isMerging || this.#reading || this.#restoring) return
    const needsMerge = this.#roomNeededBy !== undefined || sync.isWorthMerging
    if (needsMerge && this.#mergePace.isDue) void this.#merge(sync, this.#roomNeededBy ?? userId)
    else if (sync.isWorthReloading) void this.#read(() => this.#reload(sync))
  }

  close(): void {
    this.queue?.drop()
    this.#state = { kind: 'closed' }
  }

  /** @returns whether the board can be merged */
  #requestMerge(userId: string): boolean {
    const { sync } = this
    this.#roomNeededBy = userId
    if (sync && !this.#isMerging && this.#mergePace.isDue) void this.#merge(sync, userId)
    return !this.#mergePace.isHopeless
  }

  /** Meanwhile the board is read as before: a merge takes seconds. */
  async #merge(sync: BoardSync, userId: string): Promise<void> {
    const { boardId, stored, metrics, log } = this.#deps
    this.#isMerging = true
    this.#roomNeededBy = undefined
    const startedAt = performance.now()
    try {
      const outcome = await stored.merge(userId)
      metrics.merges.inc({ outcome })
      if (outcome === 'unmergeable') this.#mergePace.giveUp()
      else if (outcome === 'elsewhere') this.#mergePace.isElsewhere()
      else await this.#loadMerged(sync, startedAt)
    } catch (error) {
      log.warn({ err: error, boardId }, 'the board cannot be merged')
      metrics.merges.inc({ outcome: 'failed' })
      this.#mergePace.failed()
    } finally {
      this.#isMerging = false
    }
  }

  async #loadMerged(sync: BoardSync, startedAt: number): Promise<void> {
    while (this.#reading) await this.#reading
    if (!this.sync) return
    const bytesBefore = sync.byteLength
    await this.#read(() => this.#reload(sync))
    this.#roomNeededBy = undefined
    // Without that, it would be merged again and again for nothing.
    if (sync.byteLength < bytesBefore) this.#mergePace.succeeded(performance.now() - startedAt)
    else this.#mergePace.failed()
  }

  #reload(sync: BoardSync): Promise<StoredState> {
    return this.#deps.load(() => this.#deps.stored.reload(sync))
  }

  /** One read at a time. A failed one is repeated by the next anti-entropy round. */
  #read(read: () => Promise<StoredState>): Promise<void> {
    const reading = this.#settle(read)
    this.#reading = reading
    return reading
  }

  async #settle(read: () => Promise<StoredState>): Promise<void> {
    const { boardId, log } = this.#deps
    try {
      const state = await read()
      if (!this.sync) return
      if (state === 'gone') this.#failAsGone()
      if (state === 'replaced') this.#deps.onFailure(CLOSE_CODES.STORAGE_UNAVAILABLE, REPLACED)
    } catch (error) {
      log.warn({ err: error, boardId }, 'stored updates cannot be read')
    } finally {
      this.#reading = undefined
      if (this.#isRepairDue) this.repair()
    }
  }

  /**
   * Compares the document with what is stored.
   * @param asked the position here when the API was asked, and the highest number that was known to be stored then
   */
  compare(stored: Position, asked: { position: StoredPosition; seq: number }): void {
    const { sync } = this
    // Compared with what the database had before: its answer says nothing.
    if (!sync || sync.position !== asked.position) return
    if (sync.isInDoubt) return
    const lost = sync.position.compare(stored, asked.seq)
    if (lost) sync.doubt(lost)
    else if (stored.seq > sync.knownSeq) this.repair()
  }

  /** Later updates may depend on what is lost, so nothing is saved until it is restored. */
  #reportLoss({ from, to }: LostPositions): void {
    const { boardId, metrics, log } = this.#deps
    metrics.lostPositions.inc(to - from)
    if (from < to) log.error({ boardId, from, to }, 'the database lost stored updates')
    else log.info({ boardId }, 'another database answers, the board is compared with it')
    if (this.sync) this.#restoring ??= this.#restore(this.sync)
  }

  /** Tries until it is done, or the room is closed. */
  async #restore(sync: BoardSync): Promise<void> {
    const { boardId, restorations, members, metrics, log } = this.#deps
    while (this.sync === sync && sync.isInDoubt) {
      try {
        const outcome = await restorations.run(members, () => this.#restoreNow(sync))
        if (outcome) metrics.restorations.inc({ outcome })
      } catch (error) {
        log.warn({ err: error, boardId }, 'the board cannot be restored yet')
        await new Promise((resolve) => setTimeout(resolve, RESTORE_RETRY_MS))
      }
    }
    this.#restoring = undefined
  }

  async #restoreNow(sync: BoardSync): Promise<RestoreOutcome | undefined> {
    const { load, stored, someone, onFailure } = this.#deps
    while (this.#reading) await this.#reading
    if (this.sync !== sync) return undefined
    const { outcome, done } = await load(() => stored.restore(sync, someone()))
    if (this.sync !== sync) return undefined
    if (outcome === 'gone') this.#failAsGone()
    if (outcome === 'replaced') onFailure(CLOSE_CODES.STORAGE_UNAVAILABLE, REPLACED)
    // Opened again, it receives from each client what it lacks.
    if (outcome === 'too_large') onFailure(CLOSE_CODES.STORAGE_UNAVAILABLE, LOST)
    await done
    return outcome
  }

  #failAsRefused(reason: StorageRefusal): void {
    if (reason === 'board_gone') this.#failAsGone()
    else this.#deps.onFailure(CLOSE_CODES.STORAGE_UNAVAILABLE, 'edits could not be stored')
  }

  #failAsGone(): void {
    this.#deps.onFailure(CLOSE_CODES.BOARD_GONE, 'the board is gone')
  }
}
