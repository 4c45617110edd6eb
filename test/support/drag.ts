import type { Page } from 'playwright-core'

/** Where something is in the page. */
export type Point = readonly [x: number, y: number]

/** Moves between the points of a drag. */
const STEPS = 8

/** Presses at one point and releases at another. */
export async function drag(page: Page, from: Point, to: Point): Promise<void> {
  await holdAndMove(page, from, to)
  await page.mouse.up()
}

/** Presses at one point and moves to another, where the button stays down. */
export async function holdAndMove(page: Page, from: Point, to: Point): Promise<void> {
  const { mouse } = page
  const beforeLast = (i: 0 | 1) => to[i] - (to[i] - from[i]) / STEPS
  await mouse.move(...from)
  await mouse.down()
  await mouse.move(beforeLast(0), beforeLast(1), { steps: STEPS - 1 })
  await untilDrawn(page)
  await mouse.move(...to)
}

/**
 * Waits for a frame before the last move of a drag: Excalidraw's `throttleRAF` forgets a move that comes while one
 * before it waits for a frame, if that frame is drawn before the pointer is up.
 */
export async function untilDrawn(page: Page): Promise<void> {
  await page.evaluate('new Promise(requestAnimationFrame)')
}
