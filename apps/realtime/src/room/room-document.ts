import { CLOSE_CODES, type CloseCode } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Metrics } from '../metrics.ts'
import type { StorageRefusal } from '../storage/board-queue.ts'
import { BoardSync, type BoardSyncDeps } from '../sync/board-sync.ts'
import { LoadingQueue } from './loading-queue.ts'
import type { LoadedBoard, StoredBoard, StoredState } from './stored-board.ts'

const REPLACED = 'the document was replaced: reconnect'

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
    | 'isQuotaUsedUp'
    | 'onAnswer'
    | 'onEditRefused'
    | 'onAllStored'
  > {
  stored: StoredBoard
  metrics: Metrics
  log: Logger
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
  #isReading = false

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
    const sync = new BoardSync(loaded.document, loaded.seq, {
      ...this.#deps,
      onRefused: (reason) => this.#failAsRefused(reason),
    })
    this.#state = { kind: 'open', sync }
    this.#deps.onOpen(sync)
    queue.runAll()
  }

  /** Fetches what is stored and not known here. */
  repair(): void {
    const { sync } = this
    if (!sync || this.#isReading) return
    this.#deps.metrics.repairs.inc()
    void this.#read(() => this.#deps.stored.catchUp(sync))
  }

  /** Loads the document again where that would make it much smaller. */
  reloadIfWorthIt(): void {
    const { sync } = this
    if (!sync?.isWorthReloading || this.#isReading) return
    void this.#read(() => this.#deps.stored.reload(sync))
  }

  close(): void {
    this.queue?.drop()
    this.#state = { kind: 'closed' }
  }

  /** One read at a time. A failed one is repeated by the next anti-entropy round. */
  async #read(read: () => Promise<StoredState>): Promise<void> {
    const { boardId, log } = this.#deps
    this.#isReading = true
    try {
      const state = await read()
      if (!this.sync) return
      if (state === 'gone') this.#failAsGone()
      if (state === 'replaced') this.#deps.onFailure(CLOSE_CODES.STORAGE_UNAVAILABLE, REPLACED)
    } catch (error) {
      log.warn({ err: error, boardId }, 'stored updates cannot be read')
    } finally {
      this.#isReading = false
    }
  }

  #failAsRefused(reason: StorageRefusal): void {
    if (reason === 'board_gone') this.#failAsGone()
    else this.#deps.onFailure(CLOSE_CODES.STORAGE_UNAVAILABLE, 'edits could not be stored')
  }

  #failAsGone(): void {
    this.#deps.onFailure(CLOSE_CODES.BOARD_GONE, 'the board is gone')
  }
}
