import type { Page } from 'playwright-core'
import { type Point, untilDrawn } from './drag.ts'

/** Fingers on a touch screen; each call has the places of all that are down. */
export interface Fingers {
  down(...points: Point[]): Promise<void>
  move(...points: Point[]): Promise<void>
  up(): Promise<void>
  /** One finger, from one place to another. */
  drag(from: Point, to: Point): Promise<void>
}

/** Moves between the points of a drag. */
const STEPS = 8

/** Of one move, what is left for the last: a finger that does not stop flings, and the next tap only ends that. */
const STOP_SHARE = 0.05

/** Playwright itself only taps. */
export async function fingersOn(page: Page): Promise<Fingers> {
  const session = await page.context().newCDPSession(page)
  const send = async (type: 'touchStart' | 'touchMove' | 'touchEnd', points: readonly Point[]) => {
    const touchPoints = points.map(([x, y], id) => ({ x, y, id }))
    await session.send('Input.dispatchTouchEvent', { type, touchPoints })
  }
  const fingers: Fingers = {
    down: (...points) => send('touchStart', points),
    move: (...points) => send('touchMove', points),
    up: () => send('touchEnd', []),
    async drag(from, to) {
      const at = (share: number): Point => [
        from[0] + share * (to[0] - from[0]),
        from[1] + share * (to[1] - from[1]),
      ]
      await fingers.down(from)
      for (let i = 1; i <= STEPS; i++) await fingers.move(at((i - STOP_SHARE) / STEPS))
      await untilDrawn(page)
      await fingers.move(to)
      await fingers.up()
    },
  }
  return fingers
}
