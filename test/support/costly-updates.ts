import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeUint8,
  writeVarString,
  writeVarUint,
} from 'lib0/encoding'
import { Doc, Map as YMap } from 'yjs'

/** Kinds of content, and flags of an item. */
const VALUES = 8
const TYPE = 7
const ORIGIN = 0x80
const RIGHT_ORIGIN = 0x40

const NULL = 126

function write(encoder: Encoder, ...numbers: number[]): void {
  for (const number of numbers) writeVarUint(encoder, number)
}

/** Writes an item of one null or map, first in a list or behind the item before. */
function writeNext(encoder: Encoder, kind: number, client: number, clock: number): void {
  if (clock === 0) {
    writeUint8(encoder, kind)
    write(encoder, 1)
    writeVarString(encoder, 'list')
  } else {
    writeUint8(encoder, ORIGIN | kind)
    write(encoder, client, clock - 1)
  }
  write(encoder, 1)
  if (kind === VALUES) writeUint8(encoder, NULL)
}

/** Maps inside each other: one client, one root. */
export function nestedMaps(levels: number): Doc {
  const doc = new Doc()
  doc.transact(() => {
    let map = doc.getMap('shapes')
    for (let level = 0; level < levels; level++) {
      const inner = new YMap()
      map.set('a', inner)
      map = inner as typeof map
    }
  })
  return doc
}

/** An update that deletes the first item of a client. */
export function deleteOfFirst(client: number): Uint8Array {
  const encoder = createEncoder()
  write(encoder, 0, 1, client, 1, 0, 1)
  return toUint8Array(encoder)
}

/** A list of one client, and as many clients that each insert at its start, before items all over it. */
export function scatteredClients(clients: number): Uint8Array {
  const base = 2 ** 32 - 1
  const encoder = createEncoder()
  write(encoder, clients + 1, clients, base, 0)
  for (let clock = 0; clock < clients; clock++) writeNext(encoder, VALUES, base, clock)
  for (let client = clients; client >= 1; client--) {
    write(encoder, 1, client, 0)
    writeUint8(encoder, RIGHT_ORIGIN | VALUES)
    write(encoder, base, Math.max(clients - client - 1, 1), 1)
    writeUint8(encoder, NULL)
  }
  write(encoder, 0)
  return toUint8Array(encoder)
}

/** Empty maps, or values, one item each, that follow each other in a list of one client. */
export function itemsInRow(
  what: 'maps' | 'values',
  client: number,
  count: number,
  from = 0,
): Uint8Array {
  const encoder = createEncoder()
  write(encoder, 1, count, client, from)
  for (let clock = from; clock < from + count; clock++) {
    writeNext(encoder, what === 'maps' ? TYPE : VALUES, client, clock)
  }
  write(encoder, 0)
  return toUint8Array(encoder)
}
