import { encodeVarUints } from '@mindfuse/protocol'
import * as Y from 'yjs'

/** An array of so many maps that are empty: two bytes each to send, hundreds in memory. */
export function manyMaps(count: number): Uint8Array {
  const doc = new Y.Doc()
  doc.getArray('maps').insert(
    0,
    Array.from({ length: count }, () => new Y.Map()),
  )
  return Y.encodeStateAsUpdate(doc)
}

/** So many objects that are empty, as values of one array: two bytes each. */
export function manyObjects(count: number): Uint8Array {
  const doc = new Y.Doc()
  doc.getArray('objects').insert(
    0,
    Array.from({ length: count }, () => ({})),
  )
  return Y.encodeStateAsUpdate(doc)
}

/** Text that is six times as long in JSON. */
export function escapes(length: number): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, '\u0001'.repeat(length))
  return Y.encodeStateAsUpdate(doc)
}

/** Maps inside each other, and the delete of the outermost: Yjs collects what is in it recursively. */
export function poison(levels: number): { nested: Uint8Array; deleted: Uint8Array } {
  const doc = new Y.Doc()
  doc.clientID = 1_234_567
  doc.transact(() => {
    let map = doc.getMap<unknown>('shapes')
    for (let i = 0; i < levels; i++) {
      const inner = new Y.Map<unknown>()
      map.set('a', inner)
      map = inner
    }
  })
  return {
    nested: Y.encodeStateAsUpdate(doc),
    // No structs; of one client one range, the first struct.
    deleted: encodeVarUints([0, 1, doc.clientID, 1, 0, 1]),
  }
}

/** Content of any values, its parent named by a neighbour or, for the first, by a root type's name. */
const ANY = 8
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
/** One value, null. */
const NULL = [1, 126]
const ROOT = [1, 1, 'x'.charCodeAt(0)]

/**
 * Values of one client, and of as many clients one each, inserted at the start with right origins
 * all over: Yjs compares each with all that are there.
 */
export function scattered(clients: number): Uint8Array {
  const base = 4_294_967_295
  const parts = [encodeVarUints([clients + 1, clients, base, 0]), [ANY, ...ROOT, ...NULL]]
  for (let i = 1; i < clients; i++) {
    parts.push([HAS_ORIGIN | ANY], encodeVarUints([base, i - 1]), NULL)
  }
  for (let i = clients; i >= 1; i--) {
    const right = clients - (i % clients) - 1 || 1
    parts.push(encodeVarUints([1, i, 0]), [HAS_RIGHT_ORIGIN | ANY])
    parts.push(encodeVarUints([base, right]), NULL)
  }
  // It deletes nothing.
  return Uint8Array.from([...parts.flatMap((part) => [...part]), 0])
}
