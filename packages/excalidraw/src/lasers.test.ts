import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type LaserMessage, readLaser } from './laser-message.ts'
import { type LaserPoint, OthersLasers } from './others-lasers.ts'
import { OwnLaser } from './own-laser.ts'

let sent: LaserMessage[]
let shown: (LaserPoint | undefined)[]
let own: OwnLaser
let others: OthersLasers

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  shown = []
  own = new OwnLaser((message) => sent.push(message))
  others = new OthersLasers(() => shown.push(others.at('ada')))
})
afterEach(() => {
  own.close()
  others.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** Draws a line in steps of 10 ms. */
function draw(length: number): void {
  for (let x = 0; x < length; x++) {
    own.moved({ x, y: 0 }, true)
    vi.advanceTimersByTime(10)
  }
  own.moved({ x: length, y: 0 }, false)
}

const on = (x: number) => ({ x, y: 0, isDown: true })
const off = (x: number) => ({ x, y: 0, isDown: false })

test('a laser that is off sends nothing', () => {
  own.moved({ x: 1, y: 1 }, false)
  vi.advanceTimersByTime(1_000)
  expect(sent).toEqual([])
})

test('many points are few messages, with the time that they took', () => {
  draw(100)
  vi.advanceTimersByTime(1_000)
  expect(sent.length).toBeLessThanOrEqual(21)
  expect(sent.flatMap(({ points }) => points.filter((_, i) => i % 2 === 0))).toEqual(
    Array.from({ length: 101 }, (_, x) => x),
  )
  expect(sent.map(({ isStart }) => isStart).indexOf(true, 1)).toBe(-1)
  expect(sent[0]).toMatchObject({ isStart: true, isEnd: false })
  expect(sent.at(-1)).toMatchObject({ isStart: false, isEnd: true })
  for (const message of sent) expect(readLaser(structuredClone(message))).toEqual(message)
  for (const { ms } of sent.slice(0, -1)) expect(ms).toBeGreaterThanOrEqual(40)
})

test('clicks that follow each other at once are trails of their own, and no more messages a second', () => {
  for (let i = 0; i < 40; i++) draw(1)
  vi.advanceTimersByTime(400)
  expect(sent.length).toBeLessThanOrEqual(16)
  vi.advanceTimersByTime(2_000)
  expect(sent.filter(({ isStart, isEnd }) => isStart && isEnd).length).toBe(40)
})

test('points are shown in the time in which they were drawn, and the pointer after that', () => {
  const points = Array.from({ length: 10 }, (_, x) => [x, 0]).flat()
  others.received('ada', { points, ms: 500, isStart: true, isEnd: true })
  expect(others.at('ada')).toBeUndefined()
  vi.advanceTimersByTime(250)
  expect(shown).toEqual([on(0), on(1), on(2), on(3)])
  vi.advanceTimersByTime(300)
  expect(shown.slice(-2)).toEqual([on(8), off(9)])
  vi.advanceTimersByTime(1_000)
  expect(shown.at(-1)).toBeUndefined()
})

test('a trail of which the end was lost ends with the next, or with time', () => {
  others.received('ada', { points: [1, 0], ms: 0, isStart: true, isEnd: false })
  vi.advanceTimersByTime(50)
  others.received('ada', { points: [2, 0], ms: 0, isStart: true, isEnd: false })
  vi.advanceTimersByTime(50)
  expect(shown).toEqual([on(1), off(1), on(2)])
  vi.advanceTimersByTime(5_000)
  expect(shown.slice(3)).toEqual([undefined])
})

test('what waits is bounded, and each end of a trail is shown', () => {
  for (let i = 0; i < 100; i++) {
    const points = Array.from({ length: 200 }, (_, x) => [x, 0]).flat()
    others.received('ada', { points, ms: 0, isStart: i === 99, isEnd: false })
  }
  vi.advanceTimersByTime(100)
  expect(shown).toEqual([on(199), off(199), on(199)])
})

test.each([
  undefined,
  'points',
  { points: [1, 2] },
  { points: [1, 2, 3], ms: 1 },
  { points: [1, '2'], ms: 1 },
  { points: [1, Number.NaN], ms: 1 },
  { points: [1, 1e300], ms: 1 },
  { points: [1, 2], ms: -1 },
  { points: [1, 2], ms: 1e9 },
  { points: Array(1_000).fill(0), ms: 1 },
])('%j is no part of a trail', (payload) => {
  expect(readLaser(payload)).toBeUndefined()
})
