import { expect, test } from 'vitest'
import { isShareUsedUp } from './share.ts'

/** Uses one unit each in turn, until everybody has used up their share. */
function useAll(people: number, most: number): number[] {
  const used = Array.from({ length: people }, () => 0)
  const total = () => used.reduce((sum, of) => sum + of, 0)
  for (let isAnyLeft = true; isAnyLeft; ) {
    isAnyLeft = false
    for (const [i, of] of used.entries()) {
      if (isShareUsedUp({ used: of, total: total(), most })) continue
      used[i] = of + 1
      isAnyLeft = true
    }
  }
  return used
}

test.each([
  [1, 1 / 4],
  [2, 1 / 5],
  [9, 1 / 12],
])('%i who use all they may have %d of it each', (people, part) => {
  for (const used of useAll(people, 12_000)) expect(used / 12_000).toBeCloseTo(part, 2)
})

test('someone who uses nothing has their share left, however much others use', () => {
  expect(isShareUsedUp({ used: 0, total: 1_000, most: 1_000 })).toBe(false)
})
