import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { HeadCount } from './head-count.ts'
import { inspectUpdate } from './inspect-update.ts'

const headsOf = (update: Uint8Array) => inspectUpdate(update).ranges.flatMap(({ heads }) => heads)

function passesOf(update: Uint8Array): number {
  const count = new HeadCount()
  for (const head of headsOf(update)) count.add(head)
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

test('what would exceed a bound is told beforehand', () => {
  const count = new HeadCount()
  for (let i = 0; i < 1_000; i++) count.add(i + 1)
  expect(count.passes).toBe(0)
  for (let i = 0; i < 3; i++) count.add(7)
  // 1, 2 and 3.
  expect(count.passes).toBe(6)
  expect(count.exceedsWith([7], 10)).toBe(false)
  expect(count.exceedsWith([7], 9)).toBe(true)
  expect(count.exceedsWith([5_000, 5_000], 6)).toBe(true)
  expect(count.exceedsWith([5_000, 5_001], 5)).toBe(false)
})
