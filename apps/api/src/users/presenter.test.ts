import { expect, test } from 'vitest'
import { displayName } from './presenter.ts'

const email = 'ada@example.com'

test.each([
  ['Ada Lovelace', 'Ada Lovelace'],
  [null, 'ada'],
  ['', 'ada'],
  ['\u200b\u3164', 'ada'],
  // What follows it on a page would read from right to left.
  ['Ada \u202eLovelace', 'Ada Lovelace'],
])('%j is shown as %s', (name, shown) => {
  expect(displayName({ name, email })).toBe(shown)
})
