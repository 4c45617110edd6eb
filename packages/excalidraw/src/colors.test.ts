import fc from 'fast-check'
import { expect, test } from 'vitest'
import { colorsOf } from './colors.ts'

test('up to twelve users have colours of their own, the same in whatever order they came', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 12 }), (ids) => {
      const colors = colorsOf(ids)
      expect(new Set(colors.values()).size).toBe(ids.length)
      expect(colorsOf(ids.toReversed())).toEqual(colors)
    }),
  )
})

test('more users than colours share them evenly', () => {
  const colors = [...colorsOf(Array.from({ length: 24 }, (_, i) => `${i}`)).values()]
  const counts = new Map(colors.map((color) => [color, colors.filter((c) => c === color).length]))
  expect([...counts.values()]).toEqual(Array(12).fill(2))
})
