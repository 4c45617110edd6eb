import { expect, test } from 'vitest'
import { isOversized, OversizedFrames } from './oversized-frames.ts'

const ADA = { userId: 'ada', boardId: 'plan' }

test('LIM-21: a person is not asked for a board for a minute, and each time for twice as long', () => {
  let now = 0
  const frames = new OversizedFrames(() => now)
  expect(frames.pauseMsOf(ADA)).toBe(0)
  frames.add(ADA)
  expect(frames.pauseMsOf(ADA)).toBe(60_000)
  expect(frames.pauseMsOf({ ...ADA, boardId: 'other' })).toBe(0)
  expect(frames.pauseMsOf({ ...ADA, userId: 'alan' })).toBe(0)

  now = 60_000
  expect(frames.pauseMsOf(ADA)).toBe(0)
  frames.add(ADA)
  expect(frames.pauseMsOf(ADA)).toBe(120_000)
  for (let i = 0; i < 10; i++) {
    now += frames.pauseMsOf(ADA)
    frames.add(ADA)
  }
  expect(frames.pauseMsOf(ADA)).toBe(30 * 60_000)

  now += 60 * 60_000
  frames.add(ADA)
  expect(frames.pauseMsOf(ADA)).toBe(60_000)
})

test('LIM-21: the oldest of very many is forgotten', () => {
  const frames = new OversizedFrames(() => 0)
  for (let i = 0; i <= 10_000; i++) frames.add({ userId: `user-${i}`, boardId: 'plan' })
  expect(frames.pauseMsOf({ userId: 'user-0', boardId: 'plan' })).toBe(0)
  expect(frames.pauseMsOf({ userId: 'user-1', boardId: 'plan' })).toBe(60_000)
})

test('a socket that ended for another reason does not count', () => {
  const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer
  expect(isOversized(1006, bytes('Received too big message'))).toBe(true)
  expect(isOversized(1006, bytes(''))).toBe(false)
  expect(isOversized(1001, bytes('Received too big message'))).toBe(false)
})
