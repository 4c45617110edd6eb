import { encodeVarUints } from '@mindfuse/protocol'
import * as Y from 'yjs'

/** Maps inside of maps, an update for each level. */
export function nestedMapsOneByOne(levels: number): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  let map = doc.getMap<unknown>('shapes')
  for (let level = 0; level < levels; level++) {
    const inner = new Y.Map<unknown>()
    map.set('a', inner)
    map = inner
  }
  return updates
}

/** Deletes one struct of each of so many clients. */
export function deletesOf(clients: number, firstClient: number): Uint8Array {
  const entries = Array.from({ length: clients }, (_, i) => [firstClient + i, 1, 0, 1])
  return encodeVarUints([0, clients, ...entries.flat()])
}

/** A state vector of so many clients. */
export function stateVectorOf(clients: number): Uint8Array {
  const entries = Array.from({ length: clients }, (_, i) => [2_097_152 + i, 1])
  return encodeVarUints([clients, ...entries.flat()])
}
