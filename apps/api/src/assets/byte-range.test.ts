import { expect, test } from 'vitest'
import { parseRange } from './byte-range.ts'

test.for([
  ['bytes=0-0', { from: 0, to: 0 }],
  ['bytes=0-', { from: 0, to: 9 }],
  ['bytes=3-5', { from: 3, to: 5 }],
  ['bytes=9-100', { from: 9, to: 9 }],
  ['bytes=-1', { from: 9, to: 9 }],
  ['bytes=-100', { from: 0, to: 9 }],
  ['bytes=10-', null],
  ['bytes=-0', null],
  ['bytes=5-3', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,3-4', undefined],
  ['bytes=0x1-2', undefined],
  [`bytes=${'9'.repeat(400)}-`, undefined],
  ['items=0-1', undefined],
  [undefined, undefined],
] as const)('%s of ten bytes', ([header, range]) => {
  expect(parseRange(header, 10)).toEqual(range)
})

test('nothing has no part', () => {
  expect(parseRange('bytes=0-0', 0)).toBeNull()
  expect(parseRange('bytes=-5', 0)).toBeNull()
})
