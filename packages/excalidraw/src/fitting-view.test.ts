import { expect, test } from 'vitest'
import { fittingView } from './fitting-view.ts'

const CANVAS = { width: 1000, height: 500 }

test.each([
  ['what is small is in the middle as it is', [100, 100, 200, 100], [300, 100, 1]],
  [
    'what is wide is made smaller, by whole steps',
    [0, 0, 3000, 100],
    [1000 / 2 / 0.3 - 1500, 783.33, 0.3],
  ],
  ['what is high too', [0, 0, 100, 1000], [950, 0, 0.5]],
  ['a line without a height', [0, 50, 100, 0], [450, 200, 1]],
  ['what is larger than the smallest zoom shows', [0, 0, 1e6, 10], [5000 - 5e5, 2495, 0.1]],
] as const)('%s', (_name, [x, y, width, height], [scrollX, scrollY, zoom]) => {
  const view = fittingView({ x, y, width, height }, CANVAS)
  expect(view.zoom.value).toBeCloseTo(zoom)
  expect(view.scrollX).toBeCloseTo(scrollX, 1)
  expect(view.scrollY).toBeCloseTo(scrollY, 1)
})
