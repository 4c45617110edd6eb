import type { OutlineEntry } from '@mindfuse/scene'
import { expect, test } from 'vitest'
import { outlineRows, rowAfterKey, rowOf } from './outline-rows.ts'

const entry = (id: string, frameId: string | null = null) =>
  ({ element: { id }, text: '', frameId }) as OutlineEntry

const rows = outlineRows([
  entry('a'),
  entry('frame'),
  entry('in 1', 'frame'),
  entry('in 2', 'frame'),
  entry('b'),
])

test('rows have their place among those beside them', () => {
  const places = rows.map(({ level, position, count }) => [level, position, count])
  expect(places).toEqual([
    [1, 1, 3],
    [1, 2, 3],
    [2, 1, 2],
    [2, 2, 2],
    [1, 3, 3],
  ])
})

test.each([
  ['ArrowDown', 'a', 'frame'],
  ['ArrowDown', 'b', 'b'],
  ['ArrowUp', 'b', 'in 2'],
  ['ArrowUp', 'a', 'a'],
  ['ArrowRight', 'frame', 'in 1'],
  ['ArrowRight', 'a', 'a'],
  ['ArrowRight', 'in 1', 'in 1'],
  ['ArrowLeft', 'in 2', 'frame'],
  ['ArrowLeft', 'a', 'a'],
  ['PageDown', 'a', 'in 1'],
  ['PageUp', 'in 2', 'frame'],
  ['Home', 'in 2', 'a'],
  ['End', 'a', 'b'],
])('%s leads from %s to %s', (key, from, to) => {
  const next = rowAfterKey(key, rowOf(from, 0, rows), rows, 2)
  expect(rows[next ?? -1]?.entry.element.id).toBe(to)
})

test('other keys lead nowhere, and there is nothing to lead to on an empty board', () => {
  expect(rowAfterKey('r', 0, rows, 2)).toBeUndefined()
  expect(rowAfterKey('End', 0, [], 2)).toBe(0)
})

test.each([
  ['that moved is where it is now', 'in 2', 0, 'in 2'],
  ['that is gone is the one in its place', 'gone', 2, 'in 1'],
  ['that was the last and is gone is the last', 'gone', 9, 'b'],
])('a row %s', (_, id, before, expected) => {
  expect(rows[rowOf(id, before, rows)]?.entry.element.id).toBe(expected)
})
