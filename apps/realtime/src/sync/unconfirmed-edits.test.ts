import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { OVERDUE_MS, UnconfirmedEdits } from './unconfirmed-edits.ts'

const MAX_BYTES = 8 * 1024 * 1024

let now = 0
let edits: UnconfirmedEdits
beforeEach(() => {
  now = 0
  edits = new UnconfirmedEdits(() => now)
})

const edit = (...bytes: number[]) => ({ userId: randomUUID(), update: Uint8Array.from(bytes) })

test('RELAY-10: a position is confirmed once every edit up to it is stored', () => {
  expect(edits.isConfirmed(edits.position)).toBe(true)
  edits.add('a', 1, edit(1))
  const first = edits.position
  edits.add('b', 1, edit(2))
  edits.add('a', 3, edit(3))
  expect(edits.isConfirmed(first)).toBe(false)
  edits.confirm('a', { first: 1, last: 2 })
  expect(edits.isConfirmed(first)).toBe(true)
  expect(edits.isConfirmed(first + 1)).toBe(false)
  edits.confirm('a', { first: 1, last: 3 })
  expect(edits.isConfirmed(first + 1)).toBe(false)
  edits.confirm('b', { first: 1, last: 7 })
  expect(edits.isConfirmed(edits.position)).toBe(true)
})

test('an edit that was read from storage is stored, whichever gateway stored it', () => {
  edits.add('a', 1, edit(1, 2))
  edits.add('a', 2, edit(3))
  edits.confirmStored([Uint8Array.of(9), Uint8Array.of(1, 2)])
  expect(edits.isConfirmed(1)).toBe(true)
  expect(edits.isConfirmed(2)).toBe(false)
})

test('hands over the edits of one gateway once, oldest first, and still awaits their storing', () => {
  const [one, two, other] = [edit(1), edit(2), edit(3)]
  edits.add('a', 1, one)
  edits.add('b', 1, other)
  edits.add('a', 2, two)
  const taken = edits.take('a')
  expect(taken).toMatchObject([one, two])
  expect(edits.take('a')).toEqual([])
  expect(edits.take('b')).toMatchObject([other])
  expect(edits.take('unknown')).toEqual([])
  expect(edits.isConfirmed(1)).toBe(false)
  edits.confirmTaken(new Set([taken[0]!]))
  expect(edits.isConfirmed(1)).toBe(true)
  expect(edits.isConfirmed(2)).toBe(false)
})

test('RELAY-10: an overdue edit is handed over, and never counts as stored for its age', () => {
  const [old, young] = [edit(1), edit(2)]
  edits.add('a', 1, old)
  now = OVERDUE_MS - 1
  edits.add('a', 2, young)
  expect(edits.takeOverdue()).toEqual([])
  now++
  expect(edits.takeOverdue()).toMatchObject([old])
  expect(edits.takeOverdue()).toEqual([])
  now = 100 * OVERDUE_MS
  expect(edits.takeOverdue()).toMatchObject([young])
  expect(edits.isConfirmed(1)).toBe(false)
})

test('beyond 8 MiB the oldest edit is overdue, whichever gateway sent it', () => {
  const half = () => ({ userId: randomUUID(), update: new Uint8Array(MAX_BYTES / 2) })
  edits.add('a', 1, half())
  edits.add('b', 1, half())
  expect(edits.takeOverdue()).toEqual([])
  edits.add('b', 2, edit(1))
  expect(edits.takeOverdue()).toMatchObject([{ gatewayId: 'a', sequence: 1 }])
  // Confirmed edits no longer count, and those handed over do not count twice.
  edits.confirm('a', { first: 1, last: 1 })
  edits.confirm('b', { first: 1, last: 2 })
  edits.add('a', 2, half())
  edits.add('a', 3, half())
  expect(edits.takeOverdue()).toEqual([])
})

test('RELAY-10: edits from before a gateway reopened the board are not confirmed with the rest', () => {
  edits.add('a', 1, edit(1))
  edits.add('a', 100, edit(2))
  edits.confirm('a', { first: 100, last: 100 })
  expect(edits.isConfirmed(1)).toBe(false)
  expect(edits.take('a')).toMatchObject([{ sequence: 1 }])
})
