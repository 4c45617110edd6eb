import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

const ITEM_OF_ARRAY = 8
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const UNDEFINED_VALUE = 126
const PARENT_BY_NAME = 1
const LARGE_CLIENT_ID = 4_294_967_295

/** Maps inside of maps. */
export function nestedMaps(levels: number, clientId: number): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = clientId
  doc.transact(() => {
    let map = doc.getMap<unknown>('shapes')
    for (let i = 0; i < levels; i++) {
      const inner = new Y.Map<unknown>()
      map.set('a', inner)
      map = inner
    }
  })
  return Y.encodeStateAsUpdate(doc)
}

/** The same, an update for each level. */
export function nestedMapsOneByOne(levels: number): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  let map = doc.getMap<unknown>('shapes')
  for (let i = 0; i < levels; i++) {
    const inner = new Y.Map<unknown>()
    map.set('a', inner)
    map = inner
  }
  return updates
}

/** Deletes one item, and names nothing else. */
export function deleteOf(clientId: number, clock: number): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const value of [0, 1, clientId, 1, clock, 1]) encoding.writeVarUint(encoder, value)
  return encoding.toUint8Array(encoder)
}

/**
 * An array of one client's items, and as many clients that each insert one at its beginning, before
 * items all over it: Yjs compares each with all the others.
 */
export function scatteredClients(count: number): Uint8Array {
  const encoder = encoding.createEncoder()
  const write = (value: number) => encoding.writeVarUint(encoder, value)
  write(count + 1)
  write(count)
  write(LARGE_CLIENT_ID)
  write(0)
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      encoding.writeUint8(encoder, ITEM_OF_ARRAY)
      write(PARENT_BY_NAME)
      encoding.writeVarString(encoder, 'x')
    } else {
      encoding.writeUint8(encoder, HAS_ORIGIN | ITEM_OF_ARRAY)
      write(LARGE_CLIENT_ID)
      write(i - 1)
    }
    write(1)
    encoding.writeUint8(encoder, UNDEFINED_VALUE)
  }
  for (let i = count; i >= 1; i--) {
    write(1)
    write(i)
    write(0)
    encoding.writeUint8(encoder, HAS_RIGHT_ORIGIN | ITEM_OF_ARRAY)
    write(LARGE_CLIENT_ID)
    write(count - (i % count) - 1 || 1)
    write(1)
    encoding.writeUint8(encoder, UNDEFINED_VALUE)
  }
  write(0)
  return encoding.toUint8Array(encoder)
}

/** So many empty maps in one array. */
export function emptyMaps(count: number): Uint8Array {
  const doc = new Y.Doc()
  doc.getArray('maps').insert(
    0,
    Array.from({ length: count }, () => new Y.Map()),
  )
  return Y.encodeStateAsUpdate(doc)
}

/** A state vector of so many clients. */
export function stateVectorOf(clients: number): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, clients)
  for (let i = 0; i < clients; i++) {
    encoding.writeVarUint(encoder, 2_097_152 + i)
    encoding.writeVarUint(encoder, 1)
  }
  return encoding.toUint8Array(encoder)
}
