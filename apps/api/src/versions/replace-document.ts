import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { type Replacement, replaceSnapshot } from '../documents/compaction/replace-snapshot.ts'
import { keepBoard, quarantineAll } from '../documents/quarantine/repository.ts'
import type { Spooled } from '../documents/spool/spool.ts'
import type { DocumentStorage } from '../documents/storage.ts'
import { readUpdates } from '../documents/stored/pages.ts'
import type { DocumentHead } from '../documents/stored/repository.ts'
import type { BadUpdate } from '../documents/worker/document-builder.ts'
import type { JobOwner } from '../documents/worker/document-workers.ts'
import type { EncodedStats } from '../documents/worker/operations.ts'
import { SNAPSHOT_SEQ } from '../documents/worker/packed-updates.ts'
import { readResult, stageAll } from '../documents/worker/pieces.ts'
import { notFound } from '../http/errors.ts'

/** A stored version: read in pieces. */
export interface VersionState {
  readonly bytes: number
  chunks(): AsyncIterable<Uint8Array>
}

/** A document to put in the place of a stored one. */
export interface RebuiltDocument {
  spooled: Spooled
  encoded: EncodedStats
  bad: BadUpdate[]
}

/** Builds a version, with the updates after `after` and up to `upTo` merged in, where there are any. */
export function rebuild(
  { db, workers, spool }: Pick<DocumentStorage, 'workers' | 'spool'> & { db: Database },
  owner: JobOwner,
  document: { boardId: string; version: VersionState; after: number; upTo: number },
): Promise<RebuiltDocument> {
  const { boardId, version, after, upTo } = document
  return workers.run(async (operations) => {
    await stageAll(operations, version.chunks())
    const bad = await operations.addStaged('present', SNAPSHOT_SEQ)
    for await (const page of readUpdates(db, boardId, { after, upTo })) {
      bad.push(...(await operations.add('present', page)))
    }
    const encoded = await operations.encode('present')
    return { spooled: await spool.write(readResult(operations), owner), encoded, bad }
  }, owner)
}

/**
 * A snapshot that cannot be read has a version put in its place, with the updates since merged in:
 * as much as there is. What the damaged one held besides comes back from clients that have the board
 * still open, by their state vectors; its bytes stay in quarantine.
 * @returns the number of the newest update
 */
export async function replaceSnapshotOnly(
  tx: Database,
  document: Pick<Replacement, 'boardId' | 'state'> & { head: DocumentHead } & RebuiltDocument,
): Promise<number> {
  const { boardId, head, state, encoded, bad } = document
  const { snapshotSeq: from, seq: to } = head
  await replaceSnapshot(tx, { boardId, from, to, state, encoded, bad })
  return to
}

/**
 * A document that cannot be built has a version put in its place, and nothing else: what breaks it
 * may be anywhere in it. All that was stored stays in quarantine. The version gets a number of its own,
 * by which gateways see that they have to read it.
 * @returns the number of the newest update
 */
export async function replaceWhole(
  tx: Database,
  { boardId, state, encoded }: Pick<Replacement, 'boardId' | 'state' | 'encoded'>,
): Promise<number> {
  await keepBoard(tx, boardId)
  // From here on no gateway appends: what it is about to append comes after the version.
  const document = await tx
    .selectFrom('board_documents')
    .select(['seq', 'snapshot_seq'])
    .where('board_id', '=', boardId)
    .forUpdate()
    .executeTakeFirst()
  if (!document) throw notFound('board')
  const { seq: to, snapshot_seq: from } = document
  await quarantineAll(tx, boardId, 'the document could not be built; a version was restored')
  await replaceSnapshot(tx, { boardId, from, to, state, encoded, bad: [] })
  const { seq } = await tx
    .updateTable('board_documents')
    .set({
      seq: sql<number>`seq + 1`,
      snapshot_seq: sql<number>`seq + 1`,
      replaced_seq: sql<number>`seq + 1`,
    })
    .where('board_id', '=', boardId)
    .returning('seq')
    .executeTakeFirstOrThrow()
  return seq
}
