import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { isKeyValue, keyHint, looksLikeKey, newKeyValue } from './key-value.ts'

const ID = '0188e5f2-7a3b-4cde-8f01-23456789abcd'

test('a key begins with its hint, and is different each time', () => {
  const values = Array.from({ length: 100 }, () => newKeyValue(ID))
  expect(new Set(values).size).toBe(100)
  for (const value of values) {
    expect(value).toMatch(/^mf_0188e5f2_[0-9A-Za-z]{49}$/)
    expect(value.startsWith(keyHint(ID))).toBe(true)
    expect([looksLikeKey(value), isKeyValue(value)]).toEqual([true, true])
  }
})

test('the checksum is that of the bytes before it, so that scanners can tell keys without asking', () => {
  // CRC-32 of "mf_0188e5f2_" and 43 zeros, as Python's binascii has it.
  expect(isKeyValue(`mf_0188e5f2_${'0'.repeat(43)}3lXbZM`)).toBe(true)
})

test('a character more, less or other makes it no key', () => {
  const value = newKeyValue(randomUUID())
  const other = (at: number) => (value[at] === 'a' ? 'b' : 'a')
  for (let at = 0; at < value.length; at++) {
    const before = value.slice(0, at)
    const after = value.slice(at + 1)
    for (const spoilt of [before, before + after, `${before}${other(at)}${after}`]) {
      expect(isKeyValue(spoilt), spoilt).toBe(false)
    }
  }
  for (const spoilt of [`${value}a`, ` ${value}`, `${value}\n`, value.toUpperCase(), '', 'mf_']) {
    expect(isKeyValue(spoilt), spoilt).toBe(false)
  }
})

test('an access token does not look like a key', () => {
  expect(looksLikeKey('eyJhbGciOiJFZERTQSJ9.e30.c2ln')).toBe(false)
})
