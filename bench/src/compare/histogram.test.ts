import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

test('a quantile is within 0.2 % of what sorting gives', () => {
  const histogram = new Histogram()
  const values = Array.from({ length: 10_000 }, (_, i) => 0.013 * 1.0017 ** i)
  for (const value of values) histogram.record(value)
  for (const share of [0.01, 0.5, 0.95, 0.99, 0.999]) {
    const exact = values[Math.ceil(share * values.length) - 1] as number
    const found = histogram.quantile(share)
    // Beside the width of a bucket there is the microsecond that is kept.
    expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.002 * exact + 0.000_6)
  }
  expect(histogram.total).toBe(10_000)
  expect(histogram.max).toBe(values.at(-1))
})

test('nothing recorded has no quantile, and what is early counts as on time', () => {
  const histogram = new Histogram()
  expect(histogram.quantile(0.5)).toBeNaN()
  histogram.record(-1)
  expect(histogram.quantile(0.5)).toBe(0)
})
