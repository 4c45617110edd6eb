import fc from 'fast-check'
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing'
import { expect, test } from 'vitest'
import { compareOrder, keysInOrder, readOrderKey } from './order.ts'

test('a key is what fractional-indexing can go on from', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'Z', 'A', '0', '1', 'z'),
    maxLength: 30,
  })
  const throws = (key: string) => {
    try {
      generateKeyBetween(key, null)
      return false
    } catch {
      return true
    }
  }
  fc.assert(
    fc.property(text, (key) => {
      expect(readOrderKey(key)).toBe(throws(key) ? undefined : key)
    }),
    { numRuns: 2_000 },
  )
})

test('keys of its own are keys', () => {
  expect(generateNKeysBetween(null, null, 5_000).every((key) => readOrderKey(key) === key)).toBe(
    true,
  )
})

test('what has no place is on top, and equal places are in the order of ids', () => {
  const stack = [
    { id: 'c', index: null },
    { id: 'b', index: 'a1' },
    { id: 'a', index: 'a1' },
    { id: 'd', index: 'Zz' },
  ]
  expect(stack.sort(compareOrder).map(({ id }) => id)).toEqual(['d', 'a', 'b', 'c'])
})

test('keys that ascend stay, others are made anew', () => {
  expect(keysInOrder(['a1', 'a1V', 'a2'])).toEqual(['a1', 'a1V', 'a2'])
  expect(keysInOrder(['a1', 'a1', undefined])).toEqual(['a0', 'a1', 'a2'])
})
