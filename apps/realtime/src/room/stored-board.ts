import { MAX_QUARANTINE_SEQS, type MergeOutcome, type StoredDocument } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { BoardDocument } from '../document/board-document.ts'
import { type LeftOut, loadDocument, UnreadableSnapshotError } from '../document/load-document.ts'
import type { Metrics } from '../metrics.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { BoardSync } from '../sync/board-sync.ts'

/** What reading a board needs from the gateway. */
export interface StoredBoardDeps {
  boardId: string
  api: ApiClient
  metrics: Metrics
  log: Logger
}

/** What became of an open board in storage. `replaced`: what is known of it does not count any more. */
export type StoredState = 'current' | 'replaced' | 'gone'

/**
 * What became of a board that was stored in a database that may have lost some of it. `complete`: nothing
 * was missing. `too_large`: more is missing than can be stored at once.
 */
export type RestoreOutcome = 'complete' | 'restored' | 'too_large' | 'replaced' | 'gone'

/** A board's document, and the stored update up to which everything is in it. */
export interface LoadedBoard {
  document: BoardDocument
  seq: number
  /** See `ReadDocument`. */
  replacedSeq: number
  incarnation: string | undefined
  boardName: string | undefined
}

/**
 * A board as it is stored: loads all of it, or what is new in it. Unreadable bytes are left out and
 * reported to the API, which quarantines them. Every method may reject.
 */
export class StoredBoard {
  readonly #deps: StoredBoardDeps

  constructor(deps: StoredBoardDeps) {
    this.#deps = deps
  }

  /**
   * Loads the whole board; undefined where it is gone.
   * @throws UnreadableSnapshotError
   */
  async load(): Promise<LoadedBoard | undefined> {
    const { api, boardId, metrics } = this.#deps
    const endTimer = metrics.loading.startTimer()
    const stored = await api.document(boardId, 0)
    if (!stored) return undefined
    const document = await this.#build(stored)
    endTimer()
    const { seq, replacedSeq, incarnation, boardName } = stored
    return { document, seq, replacedSeq, incarnation, boardName }
  }

  /** Brings a document up to what is stored. */
  async catchUp(sync: BoardSync): Promise<StoredState> {
    const stored = await this.#deps.api.document(this.#deps.boardId, sync.knownSeq)
    if (!stored) return 'gone'
    // Merged, it would bring back what made the document unusable.
    if (stored.replacedSeq > sync.knownSeq) return 'replaced'
    // An answer with a snapshot is the whole board, most of which is known here.
    if (stored.snapshot) sync.replace(await this.#build(stored), stored.seq)
    else this.#report(sync.catchUp(stored))
    return 'current'
  }

  /**
   * Queues what the database lacks of a document.
   * @param userId in whose name it is stored
   * @returns also when it is stored, unless the board has to close
   */
  async restore(
    sync: BoardSync,
    userId: string,
  ): Promise<{ outcome: RestoreOutcome; done?: Promise<void> }> {
    const { boardId, metrics, log } = this.#deps
    const loaded = await this.load()
    if (!loaded) return { outcome: 'gone' }
    // Merged, it would bring back what made the document unusable.
    if (loaded.replacedSeq !== sync.replacedSeq) return { outcome: 'replaced' }
    const restored = sync.restore(loaded, userId)
    if (!restored) return { outcome: 'too_large' }
    const { bytes, done } = restored
    if (bytes === 0) return { outcome: 'complete', done }
    metrics.restoredBytes.inc(bytes)
    log.warn({ boardId, bytes }, 'edits that the database had lost are stored again')
    return { outcome: 'restored', done }
  }

  /** Has the API merge what is stored, as a job of this user. */
  merge(userId: string): Promise<MergeOutcome> {
    return this.#deps.api.merge(this.#deps.boardId, userId)
  }

  /** Replaces a document by the board as it is stored, so that compaction makes it smaller here, too. */
  async reload(sync: BoardSync): Promise<StoredState> {
    const loaded = await this.load()
    if (!loaded) return 'gone'
    if (loaded.replacedSeq > sync.knownSeq) return 'replaced'
    sync.replace(loaded.document, loaded.seq)
    return 'current'
  }

  async #build(stored: StoredDocument): Promise<BoardDocument> {
    try {
      const { document, leftOut } = await loadDocument(stored)
      this.#report(leftOut)
      return document
    } catch (error) {
      if (error instanceof UnreadableSnapshotError) {
        this.#report({ seqs: [], snapshot: true, dropped: 0 })
      }
      throw error
    }
  }

  #report({ seqs, snapshot, dropped }: LeftOut): void {
    const { api, boardId, metrics, log } = this.#deps
    if (dropped > 0) log.error({ boardId, updates: dropped }, 'too many pending updates, left out')
    if (seqs.length === 0 && !snapshot) return
    metrics.unreadable.inc(seqs.length + (snapshot ? 1 : 0))
    log.error({ boardId, seqs, snapshot }, 'stored bytes cannot be read, left out')
    const reported = seqs.slice(0, MAX_QUARANTINE_SEQS)
    api.quarantine(boardId, { seqs: reported, ...(snapshot && { snapshot }) }).catch((error) => {
      // The next gateway to load the board finds and reports them again.
      log.warn({ err: error, boardId }, 'unreadable bytes cannot be reported')
    })
  }
}
