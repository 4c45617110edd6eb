import { expect, test } from 'vitest'
import { fullName } from './kinds.ts'

test.each([
  [{ name: 'Ada' }, 'Ada'],
  [{ name: 'Ada', kind: 'person' }, 'Ada'],
  [{ name: 'Grace', kind: 'guest' }, 'Grace (guest)'],
  [{ name: 'Guest', kind: 'guest' }, 'Guest'],
  [{ name: 'Export', kind: 'key' }, 'Export (program)'],
  [{ name: 'Newer', kind: 'of a later release' }, 'Newer'],
])('%j is shown as %s', (user, name) => {
  expect(fullName(user)).toBe(name)
})
