import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

/** A bucket of 10 a second and 5 at once, with its clock. */
function bucket() {
  const clock = { now: 1_000 }
  const it = new TokenBucket(10, 5, () => clock.now)
  const takeAll = (limit = 100) => {
    let taken = 0
    while (taken < limit && it.take()) taken++
    return taken
  }
  return { clock, takeAll }
}

test('gives its burst at once, then nothing', () => {
  const { takeAll } = bucket()
  expect(takeAll()).toBe(5)
  expect(takeAll()).toBe(0)
})

test('fills at its rate, up to its burst', () => {
  const { clock, takeAll } = bucket()
  takeAll()
  clock.now += 99
  expect(takeAll()).toBe(0)
  clock.now += 1
  expect(takeAll()).toBe(1)
  clock.now += 250
  expect(takeAll()).toBe(2)
  clock.now += 50
  expect(takeAll()).toBe(1)
  clock.now += 3_600_000
  expect(takeAll()).toBe(5)
})

test('a refused take does not delay the next', () => {
  const { clock, takeAll } = bucket()
  takeAll()
  for (let i = 0; i < 99; i++) {
    clock.now += 1
    expect(takeAll()).toBe(0)
  }
  clock.now += 1.001
  expect(takeAll()).toBe(1)
})

test('never gives more than its burst and its rate, however it is asked', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(pauses, (ms) => {
      const { clock, takeAll } = bucket()
      let taken = 0
      for (const pause of ms) {
        clock.now += pause
        taken += takeAll(2)
      }
      expect(taken).toBeLessThanOrEqual(5 + (10 * (clock.now - 1_000)) / 1_000 + 1e-6)
    }),
  )
})

test('what is given on top of a full one is there to be taken, and does not come again', () => {
  const bucket = new TokenBucket(10, 5, () => 0)
  for (let i = 0; i < 20; i++) bucket.give()
  const taken = Array.from({ length: 30 }, () => bucket.take()).filter((isTaken) => isTaken)
  expect(taken).toHaveLength(5 + 20)
})

test('many at once are taken all or not at all', () => {
  const bucket = new TokenBucket(10, 5, () => 0)
  expect(bucket.take(6)).toBe(false)
  expect(bucket.take(3)).toBe(true)
  expect(bucket.take(3)).toBe(false)
  expect(bucket.take(2)).toBe(true)
  expect(bucket.take()).toBe(false)
})
