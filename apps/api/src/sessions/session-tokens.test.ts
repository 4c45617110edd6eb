import { expect, test } from 'vitest'
import { newSalt, newSessionToken, nextSessionToken } from './session-tokens.ts'

test('a session value is 256 bits in URL-safe text, another each time', () => {
  const tokens = Array.from({ length: 1_000 }, newSessionToken)
  expect(new Set(tokens).size).toBe(tokens.length)
  for (const token of tokens) {
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  }
})

test('every bit of a session value varies', () => {
  const ones = Array<number>(256).fill(0)
  for (let i = 0; i < 1_000; i++) {
    const bytes = Buffer.from(newSessionToken(), 'base64url')
    for (const bit of ones.keys()) ones[bit]! += ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1
  }
  // Half of them are ones, give or take 15.8: 300 to 700 is twelve times that.
  expect(Math.min(...ones)).toBeGreaterThan(300)
  expect(Math.max(...ones)).toBeLessThan(700)
})

test('the next value is as long, another for another value or salt, and the same for both', () => {
  const [token, salt] = [newSessionToken(), newSalt()]
  const next = nextSessionToken(token, salt)
  expect(next).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(nextSessionToken(token, salt)).toBe(next)
  const others = [nextSessionToken(token, newSalt()), nextSessionToken(newSessionToken(), salt)]
  expect(new Set([token, next, ...others]).size).toBe(4)
})
