import type { Database } from '../db/database.ts'
import { replaceSnapshot } from '../documents/compaction/replace-snapshot.ts'
import { readUpdates } from '../documents/stored/pages.ts'
import type { DocumentHead } from '../documents/stored/repository.ts'
import type { BadUpdate } from '../documents/worker/document-builder.ts'
import type { DocumentWorker } from '../documents/worker/document-worker.ts'
import { packUpdates, SNAPSHOT_SEQ } from '../documents/worker/packed-updates.ts'

/**
 * A snapshot that cannot be read has a version put in its place, with the updates since merged in:
 * as much as there is. What the damaged one held besides comes back from clients that have the board
 * still open, by their state vectors; its bytes stay in quarantine.
 */
export async function replaceDamaged(
  { db, worker }: { db: Database; worker: DocumentWorker },
  document: { boardId: string; head: DocumentHead; version: Uint8Array },
): Promise<{ apply(tx: Database): Promise<unknown> }> {
  const { boardId, head, version } = document
  const { snapshotSeq: from, seq: to } = head
  const bad: BadUpdate[] = []
  const encoded = await worker.run(async (operations) => {
    await operations.add('present', packUpdates([{ seq: SNAPSHOT_SEQ, update: version }]))
    for await (const page of readUpdates(db, boardId, { after: from, upTo: to })) {
      bad.push(...(await operations.add('present', page)))
    }
    return operations.encode('present')
  })
  return { apply: (tx) => replaceSnapshot(tx, { boardId, from, to, encoded, bad }) }
}
