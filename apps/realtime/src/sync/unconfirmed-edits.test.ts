import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { UnconfirmedEdits } from './unconfirmed-edits.ts'

const KEEP_MS = 15_000
const MAX_BYTES = 8 * 1024 * 1024

let now = 0
let edits: UnconfirmedEdits
beforeEach(() => {
  now = 0
  edits = new UnconfirmedEdits(() => now)
})

const edit = (...bytes: number[]) => ({ userId: randomUUID(), update: Uint8Array.from(bytes) })

test('gives out the edits of one gateway, oldest first, once', () => {
  const [one, two, other] = [edit(1), edit(2), edit(3)]
  edits.add('a', one)
  edits.add('b', other)
  edits.add('a', two)
  expect(edits.take('a')).toEqual([one, two])
  expect(edits.take('a')).toEqual([])
  expect(edits.take('b')).toEqual([other])
  expect(edits.take('unheard of')).toEqual([])
})

test('while nothing is stored edits are kept, however long that lasts', () => {
  edits.add('a', edit(1))
  now = 100 * KEEP_MS
  edits.add('a', edit(2))
  expect(edits.take('a')).toHaveLength(2)
})

test('what was heard long before something was stored is taken for stored', () => {
  const [old, young] = [edit(1), edit(2)]
  edits.add('a', old)
  now = KEEP_MS
  edits.add('a', young)
  edits.expire()
  now++
  edits.expire()
  expect(edits.take('a')).toEqual([young])
})

test('past 8 MiB the oldest makes room, of whatever gateway', () => {
  const half = () => ({ userId: randomUUID(), update: new Uint8Array(MAX_BYTES / 2) })
  edits.add('a', half())
  edits.add('b', half())
  edits.add('b', edit(1))
  expect(edits.take('a')).toEqual([])
  expect(edits.take('b')).toHaveLength(2)
  // What was taken counts no longer.
  edits.add('a', half())
  edits.add('a', half())
  expect(edits.take('a')).toHaveLength(2)
})
