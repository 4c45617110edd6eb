import {
  type BoardUpdates,
  encodeDocumentHead,
  encodeNumberedUpdates,
  type MergeReply,
  type PositionsReply,
  type UpdateBatchReply,
} from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { Database } from '../db/database.ts'
import { notFound } from '../http/errors.ts'
import type { Compactor } from './compaction/compactor.ts'
import type { MemoryBudget } from './spool/memory-budget.ts'
import type { DocumentMetrics } from './stored/metrics.ts'
import { refuseDamaged } from './stored/open-document.ts'
import { collect, readSnapshot, readUpdates } from './stored/pages.ts'
import * as repository from './stored/repository.ts'
import { UnbuildableError } from './worker/errors.ts'
import { unpackUpdates } from './worker/packed-updates.ts'

/** A tail longer than this is merged before the board opens; in the background it never gets so long. */
const OPEN_AFTER_UPDATES = 4 * repository.COMPACT_AFTER_UPDATES
const OPEN_AFTER_BYTES = 8 * repository.COMPACT_AFTER_BYTES

/** How long opening a board waits for that, milliseconds; then the updates are sent as they are. */
const OPEN_WAIT_MS = 10_000

/** Opening does not wait for a merge that has failed this often. */
const MAX_OPEN_ATTEMPTS = 2

/** PostgreSQL's code for a wait for a lock that timed out. */
const LOCK_NOT_AVAILABLE = '55P03'

/** A document in parts; `free` them once they are sent. */
export interface LoadedParts {
  parts: Uint8Array[]
  /** See `DocumentHead`. */
  replacedSeq: number
  /** The database that it was read from, if that is known. */
  incarnation: string | null
  /** What the board is called. */
  boardName: string
  free(): void
}

/** Stored documents, as the gateways read and append them. */
export interface DocumentService {
  /**
   * Everything stored after `after`, as `encodeStoredDocument` writes it, in parts that follow each
   * other: in one piece, a long tail would hold up everything else while it is written.
   *
   * @throws ApiError 404 without such a board, 503 for a damaged one
   */
  load(boardId: string, after: number): Promise<LoadedParts>
  /**
   * Appends a batch in one transaction. A board that is gone or busy fails alone. Storing a batch again,
   * after its reply got lost, does no harm: applying a Yjs update twice changes nothing.
   */
  append(batch: BoardUpdates[]): Promise<UpdateBatchReply>
  /**
   * Merges a board that is larger than its content, as a job of a person.
   * @throws ApiError 429 or 503 where it has to be tried again later
   */
  merge(boardId: string, userId: string): Promise<MergeReply>
  /** How far each of these boards has come. */
  positions(boardIds: string[]): Promise<PositionsReply>
}

/** Documents as rows of Postgres. */
export function createDocumentService(deps: {
  /** What documents are read through. */
  db: Database
  /** What updates are appended through, whose statements wait for no lock for long. */
  internal: Database
  compactor: Compactor
  memory: MemoryBudget
  metrics: DocumentMetrics
  log: Logger
}): DocumentService {
  const { db, internal, compactor, memory, metrics, log } = deps

  const compactFirst = async (boardId: string): Promise<void> => {
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, OPEN_WAIT_MS)
    })
    const compacted = compactor.compact(boardId).catch((error: unknown) => {
      log.warn({ err: error, boardId }, 'a board opens without having been compacted')
    })
    await Promise.race([compacted, enough])
    clearTimeout(timer)
  }

  return {
    async load(boardId, after) {
      const head = await repository.findHead(db, boardId)
      if (!head) throw notFound('board')
      if (after <= head.snapshotSeq && isTooLong(head)) await compactFirst(boardId)
      const isWhole = after < head.snapshotSeq
      const free = await memory.acquire((isWhole ? (head.snapshotBytes ?? 0) : 0) + head.tailBytes)
      try {
        const loaded = await db
          .transaction()
          .setIsolationLevel('repeatable read')
          .setAccessMode('read only')
          .execute((tx) => readDocument(tx, boardId, after))
        return { ...loaded, boardName: head.name, free }
      } catch (error) {
        free()
        throw error
      }
    },

    async merge(boardId, userId) {
      try {
        const compacted = await compactor.compact(boardId, userId)
        if (compacted === 'elsewhere') return { outcome: 'elsewhere' }
        if (compacted === 'compacted') return { outcome: 'merged' }
      } catch (error) {
        if (!(error instanceof UnbuildableError)) throw error
      }
      const head = await repository.findHead(db, boardId)
      return { outcome: head?.damagedAt || head?.buildFailure ? 'unmergeable' : 'merged' }
    },

    async positions(boardIds) {
      const { positions, incarnation } = await repository.findPositions(internal, boardIds)
      return { positions, ...nameOf([{ incarnation }]) }
    },

    async append(batch) {
      const endTimer = metrics.appendDuration.startTimer()
      const appended = await append(internal, batch)
      endTimer()
      metrics.updatesPerAppend.observe(batch.reduce((sum, { updates }) => sum + updates.length, 0))
      if (appended.some((board) => board.seq !== null && board.isLong)) compactor.wake()
      const seqs = new Map(appended.map(({ boardId, seq }) => [boardId, seq]))
      return {
        results: batch.map(({ boardId }) => {
          const seq = seqs.get(boardId)
          if (seq === undefined) return { boardId, status: 'rejected', code: 'board_gone' }
          return seq === null ? { boardId, status: 'busy' } : { boardId, status: 'stored', seq }
        }),
        ...nameOf(appended),
      }
    },
  }
}

/**
 * Waits for the boards' locks, as others append to them, but no longer than the pool allows: what is still
 * locked then is busy, and all others are stored without it.
 */
async function append(
  db: Database,
  batch: BoardUpdates[],
): Promise<(repository.AppendedBoard | repository.BusyBoard)[]> {
  try {
    return await repository.appendUpdates(db, batch)
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error
    return repository.appendToFree(db, batch)
  }
}

/** The database's name as a part of an answer, where a row has it. */
function nameOf(rows: readonly { incarnation: string | null }[]) {
  const incarnation = rows.find((row) => row.incarnation)?.incarnation
  return incarnation ? { incarnation } : {}
}

function isTooLong(head: repository.DocumentHead): boolean {
  const { seq, snapshotSeq, tailBytes, attempts, buildFailure } = head
  if (attempts > MAX_OPEN_ATTEMPTS || buildFailure) return false
  return seq - snapshotSeq >= OPEN_AFTER_UPDATES || tailBytes >= OPEN_AFTER_BYTES
}

/** In a transaction that sees one moment: a compaction moves updates into the snapshot. */
async function readDocument(
  tx: Database,
  boardId: string,
  after: number,
): Promise<Omit<LoadedParts, 'boardName' | 'free'>> {
  const head = await repository.findHead(tx, boardId)
  if (!head) throw notFound('board')
  refuseDamaged(head)
  const { seq, snapshotSeq, snapshotBytes, replacedSeq } = head
  // Throws where it is not there: an empty board must not come of it.
  const snapshot =
    snapshotBytes !== null && snapshotSeq > after
      ? await collect(readSnapshot(tx, boardId, { snapshotSeq, snapshotBytes }), snapshotBytes)
      : null
  const pages: Uint8Array[] = []
  let count = 0
  let last = 0
  const range = { after: Math.max(after, snapshotSeq), upTo: seq }
  for await (const page of readUpdates(tx, boardId, range)) {
    const updates = unpackUpdates(page).map(({ update }) => update)
    pages.push(encodeNumberedUpdates(updates, page.seqs, last))
    last = page.seqs.at(-1) ?? last
    count += updates.length
  }
  const incarnation = await repository.findIncarnation(tx)
  const parts = [...encodeDocumentHead({ seq, snapshot, count }), ...pages]
  return { parts, replacedSeq, incarnation }
}
