import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { encodeVarUints } from '../var-uint.ts'
import { STORED_INSPECTION } from './inspect-options.ts'
import { inspectUpdate } from './inspect-update.ts'
import { ItemDepths } from './item-depths.ts'
import { MAX_TYPE_DEPTH, MAX_UPDATE_CLIENTS, MAX_UPDATE_PARTS } from './limits.ts'
import { UpdateTooComplexError } from './update-too-complex-error.ts'

/** The bound that an update exceeds; it passes as stored. */
function boundOf(update: Uint8Array): string | undefined {
  expect(inspectUpdate(update, STORED_INSPECTION).isEmpty).toBe(false)
  try {
    inspectUpdate(update)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(UpdateTooComplexError)
    return (error as UpdateTooComplexError).bound
  }
}

/** `count` items of one client in a row, each with this info and content. */
function row(count: number, kind: number, content: readonly number[]): Uint8Array {
  const numbers = [1, count, 7, 0, kind, 1, 1, 0x78, ...content]
  for (let clock = 1; clock < count; clock++) numbers.push(-1, 7, clock - 1, ...content)
  const update = encodeVarUints([...numbers.map((n) => Math.max(n, 0)), 0])
  // The info byte of an item with an origin is one byte, where a varUint would take two.
  let at = 0
  for (const [i, number] of numbers.entries()) {
    if (number === -1) update[at] = kind | 0x80
    at += encodeVarUints([Math.max(numbers[i] as number, 0)]).length
  }
  return update
}

function nestedMaps(levels: number): Y.Doc {
  const doc = new Y.Doc()
  doc.transact(() => {
    let map = doc.getMap('map')
    for (let level = 0; level < levels; level++) {
      const inner = new Y.Map()
      map.set('a', inner)
      map = inner
    }
  })
  return doc
}

describe('an update of a peer is refused', () => {
  test('with structs of more clients than Yjs can order in time', () => {
    const of = (clients: number) => {
      const sections = Array.from({ length: clients }, (_, i) => [1, clients - i, 0, 0, 1])
      return encodeVarUints([clients, ...sections.flat(), 0])
    }
    expect(boundOf(of(MAX_UPDATE_CLIENTS))).toBeUndefined()
    expect(boundOf(of(MAX_UPDATE_CLIENTS + 1))).toBe('clients')
  })

  test('with more types than a reader has memory for', () => {
    expect(boundOf(row(MAX_UPDATE_PARTS / 4, 7, [1]))).toBeUndefined()
    expect(boundOf(row(900_000, 7, [1]))).toBe('parts')
  })

  test('with more objects and arrays in values than a reader has memory for', () => {
    const values = (tag: number, count: number) => {
      const update = new Uint8Array(2 * count + 20)
      const head = [...encodeVarUints([1, 1, 7, 0]), 8, 1, 1, 0x78, ...encodeVarUints([count])]
      update.set(head)
      for (let i = 0; i < count; i++) update[head.length + 2 * i] = tag
      return update.subarray(0, head.length + 2 * count + 1)
    }
    for (const tag of [117, 118]) {
      expect(boundOf(values(tag, MAX_UPDATE_PARTS - 2))).toBeUndefined()
      expect(boundOf(values(tag, MAX_UPDATE_PARTS))).toBe('parts')
    }
    const json = new Y.Doc()
    json.getText('text').insertEmbed(
      0,
      Array.from({ length: MAX_UPDATE_PARTS }, () => []),
    )
    expect(boundOf(Y.encodeStateAsUpdate(json))).toBe('parts')
  })

  test('with more subdocuments than a reader has memory for', () => {
    const doc = new Y.Doc()
    doc.getArray('docs').push(Array.from({ length: 10 }, () => new Y.Doc()))
    expect(inspectUpdate(Y.encodeStateAsUpdate(doc)).parts).toBe(10 * 10)
  })

  test('with so many values in a row that Yjs runs out of memory while it merges them', () => {
    expect(boundOf(row(5_000, 8, [1, 126]))).toBeUndefined()
    expect(boundOf(row(6_000, 8, [1, 126]))).toBe('copies')
    expect(boundOf(row(6_000, 2, [1, 1, 0x31]))).toBe('copies')
  })

  test('but not for a key of a map that is set as often, whose values Yjs drops', () => {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (let i = 0; i < 1_000; i++) doc.getMap('map').set('x', i)
    const merged = Y.mergeUpdates(updates)
    expect(inspectUpdate(merged).structs).toBe(1_000)
    expect(inspectUpdate(merged).copies).toBe(0)
  })

  test('with more values of a key than Yjs can place in time, none of which names another', () => {
    const values = (count: number, client = 7) => {
      const item = [0x28, 1, 1, 0x78, 1, 0x61, 1, 0x7e]
      return [...encodeVarUints([count, client, 0]), ...Array(count).fill(item).flat()]
    }
    const of = (count: number) => Uint8Array.from([1, ...values(count), 0])
    expect(boundOf(of(3_500))).toBeUndefined()
    expect(boundOf(of(4_000))).toBe('passes')
    expect(boundOf(Uint8Array.from([2, ...values(2_000, 8), ...values(2_000), 0]))).toBe('passes')
  })

  test('with more items that claim the place before one item', () => {
    const of = (count: number) => {
      const item = [0x48, 9, 0, 1, 0x7e]
      const items = Array(count).fill(item).flat()
      return Uint8Array.from([1, ...encodeVarUints([count, 7, 0]), ...items, 0])
    }
    expect(boundOf(of(3_500))).toBeUndefined()
    expect(boundOf(of(4_000))).toBe('passes')
  })

  test('but not for keys that a thousand clients set at the same time', () => {
    const section = (client: number) => [
      ...encodeVarUints([20, client, 0]),
      ...Array.from({ length: 20 }, (_, key) => [0x28, 1, 1, 0x78, 1, 0x61 + key, 1, 0x7e]).flat(),
    ]
    const clients = Array.from({ length: MAX_UPDATE_CLIENTS }, (_, i) => MAX_UPDATE_CLIENTS - i)
    const sections = clients.flatMap(section)
    const count = encodeVarUints([MAX_UPDATE_CLIENTS])
    expect(boundOf(Uint8Array.from([...count, ...sections, 0]))).toBeUndefined()
  })

  test('with types nested deeper than Yjs can delete', () => {
    const deepest = (levels: number) => boundOf(Y.encodeStateAsUpdate(nestedMaps(levels)))
    expect(deepest(MAX_TYPE_DEPTH + 1)).toBeUndefined()
    expect(deepest(MAX_TYPE_DEPTH + 2)).toBe('depth')
    expect(deepest(2_000)).toBe('depth')
  })

  test('with one level more than its document may have', () => {
    const doc = nestedMaps(MAX_TYPE_DEPTH + 1)
    const depths = new ItemDepths()
    for (const range of inspectUpdate(Y.encodeStateAsUpdate(doc)).ranges) depths.add(range, 0)
    const before = Y.encodeStateVector(doc)
    let map = doc.getMap('map')
    while (map.size > 0) map = map.get('a') as Y.Map<unknown>
    map.set('a', 'deeper')
    const update = Y.encodeStateAsUpdate(doc, before)
    expect(inspectUpdate(update).deepest).toBe(1)
    expect(() => inspectUpdate(update, { document: depths })).toThrow(UpdateTooComplexError)
  })
})

test('text typed in a row counts once, as Yjs merges it', () => {
  expect(inspectUpdate(row(10_000, 4, [1, 0x61])).parts).toBe(2)
  expect(inspectUpdate(row(10_000, 7, [1])).parts).toBe(30_000)
  expect(inspectUpdate(row(10_000, 1, [1])).parts).toBe(10_000)
})
