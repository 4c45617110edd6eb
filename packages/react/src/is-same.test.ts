import { expect, test } from 'vitest'
import { isSame } from './is-same.ts'

const map = new Map()

test.each<[unknown, unknown]>([
  [1, 1],
  [Number.NaN, Number.NaN],
  [map, map],
  [[], []],
  [
    [{ name: 'Ada', cursor: { x: 1, y: 2 } }, null],
    [{ cursor: { y: 2, x: 1 }, name: 'Ada' }, null],
  ],
])('%o and %o are the same', (a, b) => {
  expect(isSame(a, b)).toBe(true)
})

test.each<[unknown, unknown]>([
  [1, 2],
  [0, null],
  [null, {}],
  [{}, undefined],
  [[], {}],
  [[1], [1, 2]],
  [{ a: undefined }, { b: undefined }],
  [{ a: { b: 1 } }, { a: { b: 2 } }],
  [new Map(), new Map()],
])('%o and %o differ', (a, b) => {
  expect(isSame(a, b)).toBe(false)
  expect(isSame(b, a)).toBe(false)
})
