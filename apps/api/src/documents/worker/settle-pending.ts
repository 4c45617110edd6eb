import * as Y from 'yjs'

/**
 * Takes in what a document holds back although everything it builds on is there.
 *
 * Yjs retries what waits once one of the clocks comes that it noted as missing. Where an update waits
 * for a clock of a client of which something later waits too, it notes the later one, which may itself
 * wait for the update: then neither is ever retried, whatever comes. Stored updates of several gateways
 * come in such orders. Tried over and over until nothing moves, all of it goes in that can.
 */
export function settlePending(doc: Y.Doc): void {
  for (let pending = doc.store.pendingStructs; pending; pending = doc.store.pendingStructs) {
    const before = stateSize(doc)
    doc.store.pendingStructs = null
    Y.applyUpdateV2(doc, pending.update)
    if (stateSize(doc) === before) return
  }
}

/** How many clocks of all clients are in a document; only ever grows. */
function stateSize(doc: Y.Doc): number {
  let size = 0
  for (const client of doc.store.clients.keys()) size += Y.getState(doc.store, client)
  return size
}
