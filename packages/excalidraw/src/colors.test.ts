import fc from 'fast-check'
import { expect, test } from 'vitest'
import { colorsOf, huesOf } from './colors.ts'

test('up to 36 users have colours of their own, the same in whatever order they came', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 36 }), (ids) => {
      const colors = colorsOf(ids)
      expect(new Set(colors.values()).size).toBe(ids.length)
      expect(colorsOf(ids.toReversed())).toEqual(colors)
    }),
  )
})

test('more users than colours share them evenly', () => {
  const colors = [...colorsOf(Array.from({ length: 72 }, (_, i) => `${i}`)).values()]
  const counts = new Map(colors.map((color) => [color, colors.filter((c) => c === color).length]))
  expect([...counts.values()]).toEqual(Array(36).fill(2))
})

test('up to twelve users have colours that are told apart', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { maxLength: 12 }), (ids) => {
      for (const hue of huesOf(ids).values()) expect(hue % 30).toBe(0)
    }),
  )
})
