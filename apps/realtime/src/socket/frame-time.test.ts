import { CLOSE_CODES } from '@mindfuse/protocol'
import { beforeEach, expect, test, vi } from 'vitest'
import { People } from '../person/people.ts'
import { FrameTime } from './frame-time.ts'

let now: number
let frameTime: FrameTime
beforeEach(() => {
  now = 0
  frameTime = new FrameTime(new People(), () => now)
})

const connectionOf = (userId: string) => ({ userId, close: vi.fn() })

/** Sends frames that each take so long, without a pause. @returns how many were handled */
function flood(from: ReturnType<typeof connectionOf>, frames: number, tookMs: number): number {
  let handled = 0
  for (let i = 0; i < frames; i++) {
    frameTime.measure(from, () => {
      handled++
      now += tookMs
    })
  }
  return handled
}

test('LIM-25: frames of a person that take more than a quarter of the time close their connections', () => {
  const eve = connectionOf('Eve')
  const handled = flood(eve, 10_000, 0.1)
  expect(handled).toBeGreaterThan(2_500)
  expect(handled).toBeLessThan(4_000)
  expect(eve.close).toHaveBeenCalledWith(CLOSE_CODES.RATE_LIMITED, 'too many frames')
  const another = connectionOf('Eve')
  expect(flood(another, 1, 0.1)).toBe(0)
  const ada = connectionOf('Ada')
  expect(flood(ada, 1_000, 0.1)).toBe(1_000)
  expect(ada.close).not.toHaveBeenCalled()
})

test('LIM-25: 2,000 frames a second are no flood, and a long edit does not count', () => {
  const ada = connectionOf('Ada')
  for (let second = 0; second < 10; second++) {
    expect(flood(ada, 2_000, 0.1)).toBe(2_000)
    flood(ada, 1, 400)
    now += 400
  }
  expect(ada.close).not.toHaveBeenCalled()
})
