import { expect, test } from 'vitest'
import { TimeShare } from './time-share.ts'

test('LIM-19: work of any length may begin, and is paid for before more than a burst of it begins', () => {
  const share = new TimeShare({ part: 0.2, burstMs: 200 })
  expect(share.isUsedUp(0)).toBe(false)
  share.charge(0, 150)
  expect(share.isUsedUp(150)).toBe(false)
  share.charge(150, 400)
  expect(share.isUsedUp(400)).toBe(true)
  expect(share.owedMs(400)).toBe(1_600)
  expect(share.isUsedUp(1_000)).toBe(false)
})

test('LIM-19: time that is not used is not saved up', () => {
  const share = new TimeShare({ part: 0.2, burstMs: 200 })
  share.charge(60_000, 60_250)
  expect(share.isUsedUp(60_020)).toBe(true)
})
