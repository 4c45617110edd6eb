import { encodeVarUints } from '@mindfuse/protocol'
import { Doc, encodeStateAsUpdate, Map as YMap } from 'yjs'

/** Kinds of content, and flags of an item. */
const TYPE = 7
const VALUES = 8
const ORIGIN = 0x80
const RIGHT_ORIGIN = 0x40
const KEY = 0x20

/** The kind of a type, and a value. */
const MAP = 1
const NULL = 126

/** Stands for a root type, which is named by a string of one letter. */
const IN_ROOT = [1, 1, 'x'.charCodeAt(0)]

/** Writes the updates that Yjs would not. */
class UpdateWriter {
  readonly #bytes: number[] = []

  varUints(...numbers: number[]): this {
    for (let number of numbers) {
      for (; number > 0x7f; number = Math.floor(number / 0x80))
        this.#bytes.push((number % 0x80) | 0x80)
      this.#bytes.push(number)
    }
    return this
  }

  bytes(...bytes: number[]): this {
    this.#bytes.push(...bytes)
    return this
  }

  /** An item of one null or one empty map: the first of a list, or behind the client's item before. */
  next(kind: number, client: number, clock: number): this {
    if (clock === 0) this.bytes(kind, ...IN_ROOT)
    else this.bytes(ORIGIN | kind).varUints(client, clock - 1)
    return kind === VALUES ? this.bytes(1, NULL) : this.bytes(MAP)
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

/** Maps inside of maps. */
export function nestedMaps(levels: number, doc = new Doc()): Doc {
  doc.transact(() => {
    let map = doc.getMap<unknown>('shapes')
    for (let level = 0; level < levels; level++) {
      const inner = new YMap<unknown>()
      map.set('a', inner)
      map = inner
    }
  })
  return doc
}

/** Deletes the first item of a client, and holds nothing else. */
export function deleteOfFirst(client: number): Uint8Array {
  return encodeVarUints([0, 1, client, 1, 0, 1])
}

/** Maps inside of maps, and the delete of the outermost: Yjs collects what is in it recursively. */
export function poison(levels: number): { nested: Uint8Array; deleted: Uint8Array } {
  const doc = nestedMaps(levels)
  return { nested: encodeStateAsUpdate(doc), deleted: deleteOfFirst(doc.clientID) }
}

/**
 * A list of one client, and as many clients that each insert at its start, before items all over it:
 * Yjs compares each with all that are there.
 */
export function scatteredClients(clients: number): Uint8Array {
  const base = 2 ** 32 - 1
  const writer = new UpdateWriter().varUints(clients + 1, clients, base, 0)
  for (let clock = 0; clock < clients; clock++) writer.next(VALUES, base, clock)
  for (let client = clients; client >= 1; client--) {
    writer.varUints(1, client, 0).bytes(RIGHT_ORIGIN | VALUES)
    writer.varUints(base, Math.max(clients - client - 1, 1)).bytes(1, NULL)
  }
  return writer.varUints(0).finish()
}

/**
 * Empty maps, or values, one item each, that follow each other in a list of one client: a few bytes
 * each to send, hundreds in memory.
 */
export function itemsInRow(
  what: 'maps' | 'values',
  client: number,
  count: number,
  from = 0,
): Uint8Array {
  const writer = new UpdateWriter().varUints(1, count, client, from)
  const kind = what === 'maps' ? TYPE : VALUES
  for (let clock = from; clock < from + count; clock++) writer.next(kind, client, clock)
  return writer.varUints(0).finish()
}

/** Values of one key by one client, none of which names the one before, as Yjs would. */
export function valuesOfKey(client: number, count: number, from = 0): Uint8Array {
  const writer = new UpdateWriter().varUints(1, count, client, from)
  const key = [1, 'a'.charCodeAt(0)]
  for (let i = 0; i < count; i++) writer.bytes(KEY | VALUES, ...IN_ROOT, ...key, 1, NULL)
  return writer.varUints(0).finish()
}

/** Empty objects, as values of one array: two bytes each. */
export function manyObjects(count: number): Uint8Array {
  const doc = new Doc()
  doc.getArray('objects').insert(
    0,
    Array.from({ length: count }, () => ({})),
  )
  return encodeStateAsUpdate(doc)
}

/** Text that is six times as long in JSON. */
export function escapes(length: number): Uint8Array {
  const doc = new Doc()
  doc.getText('text').insert(0, '\u0001'.repeat(length))
  return encodeStateAsUpdate(doc)
}

/** A map with a weak link to one of its values, as ywasm 0.18.3 encodes it. Yjs throws on it. */
export function weakLink(): Uint8Array {
  return fromHex(
    '0103979cf6b50a0008010161047d017d027d037d042801016d017801770376616c2701016d036c6e6b0704979cf6b50a0400',
  )
}

/** A move in an array, as ywasm 0.18.3 encodes it. Yjs throws on it. */
export function moveInArray(): Uint8Array {
  return fromHex(
    '0104d3e9bc080008010161017d0188d3e9bc0800027d027d0388d3e9bc0802017d04cbd3e9bc0802d3e9bc08038301d3e9bc080000',
  )
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}
