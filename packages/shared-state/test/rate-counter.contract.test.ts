import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { IMPLEMENTATIONS, type Subject } from './implementations.ts'

const WINDOW_MS = 60_000

describe.each(Object.keys(IMPLEMENTATIONS))('the rate counter %s', (name) => {
  let subject: Subject
  let key: string
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
  })
  afterAll(() => subject.close())
  beforeEach(() => {
    key = randomUUID()
  })

  test('counts over all instances, each key by itself', async () => {
    const { one, other } = subject
    expect((await one.rates.increment(key, WINDOW_MS)).count).toBe(1)
    expect((await other.rates.increment(key, WINDOW_MS)).count).toBe(2)
    expect((await one.rates.increment(`${key}-other`, WINDOW_MS)).count).toBe(1)
  })

  test('counts what comes at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => subject.one.rates.increment(key, WINDOW_MS)),
    )
    expect(replies.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    )
  })

  test('a window begins with its first count, which later ones do not move', async () => {
    const first = await subject.one.rates.increment(key, WINDOW_MS)
    expect(first.resetsInMs).toBeGreaterThan(WINDOW_MS - 1_000)
    expect(first.resetsInMs).toBeLessThanOrEqual(WINDOW_MS)
    await subject.pass(WINDOW_MS / 2, key)
    const second = await subject.one.rates.increment(key, WINDOW_MS)
    expect(second.count).toBe(2)
    expect(second.resetsInMs).toBeLessThanOrEqual(WINDOW_MS / 2)
    expect(second.resetsInMs).toBeGreaterThan(0)
  })

  test('begins anew when the window has ended', async () => {
    await subject.one.rates.increment(key, WINDOW_MS)
    await subject.pass(WINDOW_MS, key)
    expect((await subject.one.rates.increment(key, WINDOW_MS)).count).toBe(1)
  })
})
