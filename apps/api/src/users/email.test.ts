import { expect, test } from 'vitest'
import { foldEmail } from './email.ts'

test.each([
  ['Ada@Example.COM', 'ada@example.com'],
  // The Kelvin sign, whose lower case is an ordinary k.
  ['\u212Aim@example.com', '\u212Aim@example.com'],
  ['\u0130da@example.com', '\u0130da@example.com'],
  ['ÄDA@example.com', 'Äda@example.com'],
])('%s folds to %s', (email, folded) => {
  expect(foldEmail(email)).toBe(folded)
})
