import { expect, test } from 'vitest'
import { emailHint } from './email-hint.ts'

test.each([
  ['ada@example.com', 'a***@example.com'],
  ['a@example.com', 'a***@example.com'],
  ['"a@b"@example.com', '"***@example.com'],
  ['😀da@example.com', '😀***@example.com'],
])('%s is hinted at as %s', (email, hint) => {
  expect(emailHint(email)).toBe(hint)
})
