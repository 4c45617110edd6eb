import { advance, inspectUpdate, STORED_INSPECTION } from '@mindfuse/protocol'
import { applyUpdate, Doc } from 'yjs'

/** What is stored of a board, read past every service. @param query runs a statement */
export async function storedDocument(
  query: (text: string, values: unknown[]) => Promise<any[]>,
  boardId: string,
): Promise<Doc> {
  // One statement sees one state, also while a compaction moves rows into the snapshot.
  const rows = await query(
    `SELECT 0 AS seq, snapshot AS update FROM board_documents
     WHERE board_id = $1 AND snapshot IS NOT NULL
     UNION ALL
     SELECT seq, update FROM board_updates WHERE board_id = $1 ORDER BY seq`,
    [boardId],
  )
  return documentOf(rows.map(({ update }) => update))
}

/**
 * A document of stored updates, each as a whole or not at all. Yjs alone would apply the deletes of an
 * update whose structs wait, and may hold back for ever what came in an order as two gateways store it.
 *
 * @throws Error where Yjs holds something back all the same
 */
function documentOf(updates: readonly Uint8Array[]): Doc {
  const doc = new Doc()
  const known = new Map<number, number>()
  let waiting = updates.map((update) => ({
    update,
    summary: inspectUpdate(update, STORED_INSPECTION),
  }))
  for (let before = Number.POSITIVE_INFINITY; waiting.length < before; ) {
    before = waiting.length
    waiting = waiting.filter(({ update, summary }) => {
      if (advance(known, summary) === 'gap') return true
      applyUpdate(doc, update)
      return false
    })
  }
  if (doc.store.pendingStructs) throw new Error('Yjs holds back what was taken for complete')
  return doc
}
