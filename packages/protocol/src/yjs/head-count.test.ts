import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { encodeVarUints } from '../var-uint.ts'
import { HeadCount } from './head-count.ts'
import { STORED_INSPECTION } from './inspect-options.ts'
import { inspectUpdate } from './inspect-update.ts'
import { MAX_UPDATE_PASSES } from './limits.ts'

const headsOf = (update: Uint8Array) => inspectUpdate(update).ranges.flatMap(({ heads }) => heads)

function passesOf(update: Uint8Array): number {
  const count = new HeadCount()
  for (const range of inspectUpdate(update).ranges) count.add(range)
  return count.passes
}

describe('an editor makes Yjs go past nothing', () => {
  test('that sets keys again, deletes them and puts items anywhere', () => {
    const doc = new Y.Doc()
    const map = doc.getMap<unknown>('map')
    const list = doc.getArray<number>('list')
    const text = doc.getText('text')
    const undo = new Y.UndoManager([map, list, text])
    for (let i = 0; i < 500; i++) {
      map.set(`${i % 7}`, i % 3 === 0 ? new Y.Map([['x', i]]) : i)
      if (i % 5 === 0) map.delete(`${(i * 3) % 7}`)
      list.insert((i * 7919) % (list.length + 1), [i, i])
      text.insert((i * 7919) % (text.length + 1), 'ab')
      if (i % 4 === 0) list.delete((i * 31) % list.length)
      list.unshift([i])
      if (i % 11 === 0) undo.undo()
      undo.stopCapturing()
    }
    const update = Y.encodeStateAsUpdate(doc)
    expect(headsOf(update).length).toBeGreaterThan(100)
    expect(passesOf(update)).toBe(0)
  })
})

test('values that clients set at the same time count as pairs, for each key', () => {
  const updates = Array.from({ length: 30 }, (_, client) => {
    const doc = new Y.Doc()
    doc.clientID = client + 1
    for (const key of ['a', 'b', '']) doc.getMap('map').set(key, client)
    doc.getArray('list').push([client])
    doc.getMap('other').set('a', new Y.Map([['a', 1]]))
    return Y.encodeStateAsUpdate(doc)
  })
  expect(passesOf(Y.mergeUpdates(updates))).toBe((5 * 30 * 29) / 2)
})

const claims = (client: number, heads: number[], structs = heads.length) => ({
  client,
  heads,
  structs,
})

test('what would exceed a bound is known beforehand', () => {
  const count = new HeadCount()
  count.add(
    claims(
      1,
      Array.from({ length: 1_000 }, (_, i) => i + 1),
    ),
  )
  expect(count.passes).toBe(0)
  for (let client = 2; client <= 4; client++) count.add(claims(client, [7]))
  // 1, 2 and 3.
  expect(count.passes).toBe(6)
  expect(count.exceedsWith([claims(5, [7])], 10)).toBe(false)
  expect(count.exceedsWith([claims(5, [7])], 9)).toBe(true)
  expect(count.exceedsWith([claims(5, [5_000]), claims(4, [5_000])], 6)).toBe(true)
  expect(count.exceedsWith([claims(5, [5_000, 5_001])], 5)).toBe(false)
})

test('a client that claims a place again pays for all structs, whichever came first', () => {
  const all = [claims(1, [7, 7, 7]), claims(1, [], 1_000), claims(2, [7, 7])]
  for (const order of [all, all.toReversed()]) {
    const count = new HeadCount()
    for (const [at, range] of order.entries()) {
      const next = new HeadCount()
      for (const known of order.slice(0, at + 1)) next.add(known)
      const { passes } = next
      if (passes > count.passes) expect(count.exceedsWith([range], passes - 1)).toBe(true)
      expect(count.exceedsWith([range], passes)).toBe(false)
      count.add(range)
    }
    expect(count.passes).toBe((5 * 4) / 2 + 2 * 1_005)
  }
})

test('a chain of values of a key counts for those that claim its start', () => {
  const chain = (claimed: number) => {
    const first = [0x28, 1, 1, 0x78, 1, 0x61, 1, 0x7e]
    const items = [...first]
    for (let clock = 1; clock < 50_000; clock++) {
      items.push(0x88, ...encodeVarUints([7, clock - 1]), 1, 0x7e)
    }
    const claims = Array(claimed).fill(first).flat()
    return Uint8Array.from([
      ...[1, ...encodeVarUints([50_000 + claimed, 7, 0])],
      ...[...items, ...claims, 0],
    ])
  }
  const bounds = { ...STORED_INSPECTION, maxPasses: MAX_UPDATE_PASSES }
  expect(inspectUpdate(chain(300), bounds).structs).toBe(50_300)
  expect(() => inspectUpdate(chain(500), bounds)).toThrow(/go past/)
})
