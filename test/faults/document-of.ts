import { advance, inspectUpdate, STORED_INSPECTION } from '@mindfuse/protocol'
import { applyUpdate, Doc } from 'yjs'

/**
 * A document of stored updates, each as a whole or not at all. Yjs alone would apply the deletes of an
 * update whose structs wait, and may hold back for ever what came in an order as two gateways store it.
 *
 * @throws Error where Yjs holds something back all the same
 */
export function documentOf(updates: readonly Uint8Array[]): Doc {
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
