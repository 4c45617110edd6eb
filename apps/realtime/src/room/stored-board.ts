import { MAX_QUARANTINE_SEQS, type StoredDocument } from '@mindfuse/internal'
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

/**
 * A board as it is stored: reads it whole, or what is new in it. What cannot be read is left out
 * and reported to the API, which puts it aside. Every method may reject.
 */
export class StoredBoard {
  readonly #deps: StoredBoardDeps

  constructor(deps: StoredBoardDeps) {
    this.#deps = deps
  }

  /**
   * Reads the whole board; undefined where it is gone.
   * @throws UnreadableSnapshotError
   */
  async open(): Promise<{ document: BoardDocument; seq: number } | undefined> {
    const { api, boardId, metrics } = this.#deps
    const endTimer = metrics.loading.startTimer()
    const stored = await api.document(boardId, 0)
    if (!stored) return undefined
    const document = await this.#load(stored)
    endTimer()
    return { document, seq: stored.seq }
  }

  /**
   * Brings a document up to what is stored.
   * @returns whether the board is still there
   */
  async catchUp(sync: BoardSync): Promise<boolean> {
    const stored = await this.#deps.api.document(this.#deps.boardId, sync.knownSeq)
    if (!stored) return false
    // What comes with a snapshot is the whole board, of which most is known here.
    if (stored.snapshot) sync.replace(await this.#load(stored), stored.seq)
    else this.#report(sync.catchUp(stored))
    return true
  }

  /**
   * Reads the whole board anew and takes it for the present one, so that the API's compaction makes
   * it smaller here, too.
   */
  async renew(sync: BoardSync): Promise<boolean> {
    const opened = await this.open()
    if (opened) sync.replace(opened.document, opened.seq)
    return opened !== undefined
  }

  async #load(stored: StoredDocument): Promise<BoardDocument> {
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
    if (dropped > 0) log.error({ boardId, updates: dropped }, 'updates wait in vain, left out')
    if (seqs.length === 0 && !snapshot) return
    metrics.unreadable.inc(seqs.length + (snapshot ? 1 : 0))
    log.error({ boardId, seqs, snapshot }, 'stored bytes cannot be read, left out')
    const reported = seqs.slice(0, MAX_QUARANTINE_SEQS)
    api.quarantine(boardId, { seqs: reported, ...(snapshot && { snapshot }) }).catch((error) => {
      // The next one to load the board finds and reports them again.
      log.warn({ err: error, boardId }, 'unreadable bytes cannot be reported')
    })
  }
}
