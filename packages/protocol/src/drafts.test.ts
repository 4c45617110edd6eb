import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { type DraftChange, draftChangeSchema } from './drafts.ts'
import { MAX_DRAFT_NAME_LENGTH } from './limits.ts'
import { mergeDraftChanges } from './merge-draft-changes.ts'

const schema = Compile(draftChangeSchema)

const id = 'stroke'
const whole = (version: number, value: unknown): DraftChange => ({ id, version, value })
const append = (from: number, version: number, ...points: number[]): DraftChange => ({
  ...{ id, from, version },
  append: { points },
})
const ended: DraftChange = { id, ended: true }

test.each<[string, DraftChange, DraftChange, DraftChange]>([
  [
    'is appended to all of it',
    whole(1, { color: 'red', points: [1] }),
    append(1, 2, 2, 3),
    whole(2, { color: 'red', points: [1, 2, 3] }),
  ],
  ['is appended to what was appended', append(1, 2, 1), append(2, 3, 2), append(1, 3, 1, 2)],
  [
    'makes an array where there was none',
    whole(1, 'text'),
    append(1, 2, 1),
    whole(2, { points: [1] }),
  ],
  [
    'does not count after another version',
    whole(1, { points: [1] }),
    append(2, 3, 3),
    whole(1, { points: [1] }),
  ],
  ['does not count after the end', ended, append(1, 2, 1), ended],
  [
    'takes the place of what was appended',
    append(1, 2, 1),
    whole(3, { points: [] }),
    whole(3, { points: [] }),
  ],
  ['takes the place of everything', whole(1, 'much'), ended, ended],
])('DRAFT-5: what is new of a draft %s', (_, earlier, later, merged) => {
  expect(mergeDraftChanges(earlier, later)).toEqual(merged)
})

test('DRAFT-5: a draft that a reader has is not changed, but replaced', () => {
  const value = { points: [1] }
  mergeDraftChanges(whole(1, value), append(1, 2, 2))
  expect(value).toEqual({ points: [1] })
})

test('a field with a strange name is one of its own', () => {
  const strange: DraftChange = JSON.parse(
    '{"id":"x","from":1,"version":2,"append":{"__proto__":[1]}}',
  )
  expect(schema.Check(strange)).toBe(true)
  const merged = mergeDraftChanges({ id: 'x', version: 1, value: {} }, strange)
  expect(JSON.stringify(merged)).toBe('{"id":"x","version":2,"value":{"__proto__":[1]}}')
  expect(Object.prototype).not.toHaveProperty('0')
})

test.each([
  [{ id: '', version: 1, value: 1 }],
  [{ id: 'x'.repeat(MAX_DRAFT_NAME_LENGTH + 1), version: 1, value: 1 }],
  [{ id, version: -1, value: 1 }],
  [{ id, version: 1.5, value: 1 }],
  [{ id, version: 1 }],
  [{ id, version: 2, append: { points: [] } }],
  [{ id, from: 1, version: 2, append: { points: 1 } }],
  [{ id, from: 1, version: 2, append: { 'poin\nts': 1 } }],
  [{ id, from: 1, version: 2, append: { ['x'.repeat(MAX_DRAFT_NAME_LENGTH + 1)]: [] } }],
  [{ id, from: 1, version: 2, append: { '': [] } }],
  [
    {
      id,
      from: 1,
      version: 2,
      append: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, []])),
    },
  ],
  [{ id, ended: false }],
  [{ id, ended: true, value: 1 }],
])('%j is no change of a draft', (change) => {
  expect(schema.Check(change)).toBe(false)
})
