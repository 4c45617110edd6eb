import { expect, test } from 'vitest'
import { isNestedDeeper } from './nesting.ts'

const arrays = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth))
const objects = (depth: number) => JSON.parse('{"a":'.repeat(depth) + '1'.padEnd(depth + 1, '}'))

test.each([arrays, objects])('counts what lies in what: %o', (nested) => {
  expect(isNestedDeeper(nested(3), 3)).toBe(false)
  expect(isNestedDeeper(nested(4), 3)).toBe(true)
  expect(isNestedDeeper([1, nested(2), 'x'], 3)).toBe(false)
  expect(isNestedDeeper([1, nested(3), 'x'], 3)).toBe(true)
})

test('what is no array and no object lies in nothing', () => {
  for (const value of [null, 1, 'text', true]) expect(isNestedDeeper(value, 0)).toBe(false)
})

test('nesting that would overflow the stack is detected without walking all of it', () => {
  expect(isNestedDeeper(arrays(100_000), 100)).toBe(true)
})
