import { expect, test } from 'vitest'
import { Allowance } from './allowance.ts'

/** A fifth of the time, 200 ms at once. */
const newTimeShare = () => new Allowance({ perSecond: 200, burst: 200 })

test('LIM-19: work of any length may begin, and is paid for before more than a burst of it begins', () => {
  const share = newTimeShare()
  expect(share.isUsedUp(0)).toBe(false)
  share.charge(0, 150)
  expect(share.isUsedUp(150)).toBe(false)
  share.charge(150, 250)
  expect(share.isUsedUp(400)).toBe(true)
  expect(share.owedMs(400)).toBe(1_600)
  expect(share.isUsedUp(1_000)).toBe(false)
})

test('LIM-19: time that is not used is not saved up', () => {
  const share = newTimeShare()
  share.charge(60_000, 250)
  expect(share.isUsedUp(60_020)).toBe(true)
})

test('LIM-20: bytes of any number may begin, and are paid for before more than a burst of them begins', () => {
  const bytes = new Allowance({ perSecond: 4_000, burst: 32_000 })
  bytes.charge(5_000, 30_000)
  expect(bytes.isUsedUp(5_000)).toBe(false)
  bytes.charge(5_000, 16_000)
  expect(bytes.isUsedUp(5_000)).toBe(true)
  expect(bytes.isUsedUp(8_499)).toBe(true)
  expect(bytes.isUsedUp(8_500)).toBe(false)
})

test('nothing is taken from one that is used up', () => {
  const bytes = new Allowance({ perSecond: 4_000, burst: 32_000 })
  expect(bytes.take(40_000, 0)).toBe(true)
  expect(bytes.take(1, 1_999)).toBe(false)
  expect(bytes.take(1, 2_000)).toBe(true)
  expect(bytes.take(1, 2_000)).toBe(false)
})
