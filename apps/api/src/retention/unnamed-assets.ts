import type { Logger } from '@mindfuse/service-kit'
import { sql } from 'kysely'
import { toDigest } from '../assets/repository.ts'
import { lockBoard } from '../boards/repository.ts'
import type { RecordChange } from '../changes/record.ts'
import type { Transact } from '../changes/transact.ts'
import type { Database } from '../db/database.ts'
import type { DocumentStorage } from '../documents/storage.ts'
import { readVersionState, StoredMovedError } from '../documents/stored/pages.ts'
import { BACKGROUND, type JobOwner } from '../documents/worker/document-workers.ts'
import { SNAPSHOT_SEQ } from '../documents/worker/packed-updates.ts'
import { stageAll } from '../documents/worker/pieces.ts'
import { ApiError } from '../http/errors.ts'
import { byItself } from './by-itself.ts'

/** How long a file stays on a board that neither the document nor a version names, days. */
export const UNNAMED_DAYS = 30

/** Most boards that are visited at a time. */
const BOARD_BATCH = 20

const HAS_EXPIRED = sql`unnamed_since < now() - make_interval(days => ${UNNAMED_DAYS}::int)`

/** What looks through boards for the files that they name. */
export interface AssetScanDeps {
  db: Database
  transact: Transact
  documents: Pick<DocumentStorage, 'openDocument' | 'workers'>
  log: Logger
}

/** What a document names, as of an update; null digests may be any. */
interface Named {
  boardId: string
  digests: readonly string[] | null
  seq: number
}

/**
 * Visits boards with files, each once a day, and looks through those that changed or whose files are about to go:
 * notes which files nothing names any longer, and lets go of those that have been so for {@link UNNAMED_DAYS}.
 * One that cannot be built keeps its files.
 *
 * @returns how many files left their board, and whether all boards were visited
 */
export async function removeUnnamedAssets(
  deps: AssetScanDeps,
  signal: AbortSignal,
): Promise<{ removed: number; isLast: boolean }> {
  const visited = await visitBoards(deps.db)
  let removed = 0
  const failures: unknown[] = []
  for (const { boardId, isDue } of visited) {
    if (!isDue || signal.aborted) continue
    try {
      removed += await scan(deps, boardId, signal)
    } catch (error) {
      // The others were visited too, and would have to wait for a day each time.
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return { removed, isLast: visited.length === 0 }
}

/** What is visited is not visited again before a day has passed, whatever becomes of it. */
async function visitBoards(db: Database): Promise<{ boardId: string; isDue: boolean }[]> {
  const { rows } = await sql<{ boardId: string; isDue: boolean }>`
    WITH next AS (
      SELECT board_id FROM asset_scans WHERE scanned_at < now() - interval '1 day'
      ORDER BY scanned_at LIMIT ${BOARD_BATCH} FOR UPDATE SKIP LOCKED
    ), visited AS (
      UPDATE asset_scans s SET scanned_at = now() FROM next WHERE s.board_id = next.board_id
      RETURNING s.board_id, s.seq
    )
    SELECT v.board_id AS "boardId",
      b.deleted_at IS NULL AND d.damaged_at IS NULL AND d.build_failure IS NULL AND EXISTS (
        SELECT FROM board_assets a
        WHERE a.board_id = v.board_id AND (v.seq <> d.seq OR ${HAS_EXPIRED})
      ) AS "isDue"
    FROM visited v
    JOIN boards b ON b.id = v.board_id
    JOIN board_documents d ON d.board_id = v.board_id`.execute(db)
  return rows
}

/** @returns how many files left the board */
async function scan(deps: AssetScanDeps, boardId: string, signal: AbortSignal): Promise<number> {
  const { transact, documents, log } = deps
  const owner = { person: BACKGROUND, signal }
  try {
    await readVersions(deps, boardId, owner)
    const named = await documents.openDocument(
      boardId,
      owner,
      async ({ operations, head, bad }) => {
        // What cannot be applied may name files too, until it is in quarantine.
        const digests = bad.length > 0 ? null : await operations.digests('present')
        return { boardId, digests, seq: head.seq }
      },
    )
    return await transact(byItself(), (tx, record) => letGo(tx, record, named))
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof StoredMovedError)) throw error
    log.debug({ err: error, boardId }, 'a board was not looked through for files')
    return 0
  }
}

/** Looks through versions of which it is not known what they name: another release made them. */
async function readVersions(
  { db, documents }: AssetScanDeps,
  boardId: string,
  owner: JobOwner,
): Promise<void> {
  const versions = await db
    .selectFrom('board_versions')
    .select(['id', sql<number>`octet_length(state)`.as('bytes')])
    .where('board_id', '=', boardId)
    .where('asset_digests', 'is', null)
    .execute()
  for (const { id, bytes } of versions) {
    const digests = await documents.workers.run(async (operations) => {
      await stageAll(operations, readVersionState(db, id, bytes))
      const bad = await operations.addStaged('version', SNAPSHOT_SEQ)
      return bad.length > 0 ? null : operations.digests('version')
    }, owner)
    const asset_digests = digests?.map(toDigest) ?? null
    await db.updateTable('board_versions').set({ asset_digests }).where('id', '=', id).execute()
  }
}

/**
 * Lets go of files where the document is still as it was read. The board's lock keeps versions from being made
 * and deleted, the document's keeps updates and copies away.
 */
async function letGo(tx: Database, record: RecordChange, named: Named): Promise<number> {
  const { boardId, seq } = named
  await lockBoard(tx, boardId)
  await noteUnnamed(tx, named)
  const document = await tx
    .selectFrom('board_documents')
    .innerJoin('boards', 'boards.id', 'board_id')
    .select(['seq', 'workspace_id as workspaceId'])
    .where('board_id', '=', boardId)
    .forShare('board_documents')
    .executeTakeFirst()
  if (document?.seq !== seq) return 0
  const { numAffectedRows = 0n } = await sql`
    DELETE FROM board_assets WHERE board_id = ${boardId} AND ${HAS_EXPIRED}`.execute(tx)
  const files = Number(numAffectedRows)
  await tx.updateTable('asset_scans').set({ seq }).where('board_id', '=', boardId).execute()
  if (files === 0) return 0
  await record({
    type: 'asset.removed',
    workspaceId: document.workspaceId,
    boardId,
    target: { type: 'board', id: boardId },
    changes: { files, afterDaysUnnamed: UNNAMED_DAYS },
  })
  return files
}

/** Writes down which files are named by the document or a version, and which are not any longer. */
async function noteUnnamed(tx: Database, { boardId, digests }: Named): Promise<void> {
  await sql`
    WITH versions AS (
      SELECT asset_digests FROM board_versions WHERE board_id = ${boardId}
    ), named AS (
      SELECT decode(unnest(${digests ?? []}::text[]), 'hex') AS digest
      UNION ALL SELECT unnest(asset_digests) FROM versions
    ), judged AS (
      SELECT digest, ${digests === null}::boolean
        OR EXISTS (SELECT FROM versions WHERE asset_digests IS NULL)
        OR digest IN (SELECT digest FROM named) AS is_named
      FROM board_assets WHERE board_id = ${boardId}
    )
    UPDATE board_assets a
    SET unnamed_since = CASE WHEN NOT judged.is_named THEN now() END
    FROM judged
    WHERE a.board_id = ${boardId} AND a.digest = judged.digest
      AND judged.is_named <> (a.unnamed_since IS NULL)`.execute(tx)
}
