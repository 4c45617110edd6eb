import { type ElementInput, writeElements } from '@mindfuse/scene'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import {
  chromium,
  medianOf,
  PAGES_TIMEOUT_MS,
  quantileOf,
  test,
} from '../support/whiteboard-pages.ts'

const POINTS = 400
const POINTS_PER_SECOND = 60

/** Milliseconds since the epoch, by a clock that all pages of a browser share. */
const NOW = 'performance.timeOrigin + performance.now()'

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const pointAt = (i: number) => [250 + 2 * i, Math.round(400 + 100 * Math.sin(i / 20))] as const

/** Where the pointer was when, by the place on the board. */
const RECORD_POINTER = `(() => {
  window.pointed = {}
  addEventListener('pointermove', (event) => {
    const { scrollX, scrollY } = window.excalidraw.getAppState()
    window.pointed[[event.clientX - scrollX, event.clientY - scrollY]] ??=
      performance.timeOrigin + event.timeStamp
  }, true)
})()`

/** When each point of a stroke was there first, by the place on the board. */
const RECORD_POINTS = `(() => {
  window.shown = {}
  let known = 0
  const look = () => {
    const stroke = window.excalidraw.getSceneElements().find(({ type }) => type === 'freedraw')
    for (const [x, y] of stroke?.points.slice(known) ?? []) {
      window.shown[[x + stroke.x, y + stroke.y]] ??= ${NOW}
    }
    known = stroke?.points.length ?? 0
    requestAnimationFrame(look)
  }
  look()
})()`

async function drawStroke({ mouse, keyboard }: Page): Promise<void> {
  await mouse.click(1_000, 650)
  await keyboard.press('p')
  await mouse.move(...pointAt(0))
  await mouse.down()
  const startedAt = performance.now()
  for (let i = 1; i < POINTS; i++) {
    await delay(startedAt + (i * 1_000) / POINTS_PER_SECOND - performance.now())
    await mouse.move(...pointAt(i))
  }
  await mouse.up()
}

describe.skipIf(!chromium)('a stroke of 400 points', { timeout: PAGES_TIMEOUT_MS }, () => {
  test('grows before the eyes of others, and is stored once and a bit', async ({
    openAs,
    ada,
    alan,
    stack,
    boardId,
    annotate,
  }) => {
    const hers = await openAs(ada)
    const his = await openAs(alan)
    await hers.waitForFunction('window.excalidraw.getAppState().collaborators.size > 0')
    await hers.evaluate(RECORD_POINTER)
    await his.evaluate(RECORD_POINTS)
    await drawStroke(hers)

    const drawn = (page: Page) =>
      page.evaluate(`window.excalidraw.getSceneElements()[0]`) as Promise<
        ElementInput & { points: readonly [number, number][] }
      >
    const { points, ...stroke } = await drawn(hers)
    await expect.poll(async () => (await drawn(his)).points).toEqual(points)
    const pointed = (await hers.evaluate('window.pointed')) as Record<string, number>
    const shown = (await his.evaluate('window.shown')) as Record<string, number>
    const delays = Object.entries(pointed).flatMap(([place, at]) =>
      shown[place] === undefined ? [] : [shown[place] - at],
    )
    const [median, p95] = [medianOf(delays), quantileOf(delays, 0.95)].map(Math.round)

    const text = `SELECT count(*)::int AS edits, sum(length(update))::int AS bytes
      FROM board_updates WHERE board_id = $1`
    const [stored] = await stack.database.query(text, [boardId])
    const alone = new Doc()
    writeElements(alone, [{ ...stroke, points }])
    const size = encodeStateAsUpdate(alone).length
    await annotate(
      `${points.length} points: shown after ${median} ms (median), ${p95} ms (p95 of ${delays.length}); ${stored?.edits} edits, ${((stored?.bytes as number) / size).toFixed(2)} times its ${size} bytes`,
    )
    expect(points.length).toBeGreaterThan(0.9 * POINTS)
    expect(delays.length).toBeGreaterThan(0.9 * POINTS)
    expect(stored?.edits).toBeLessThanOrEqual(3)
    expect(stored?.bytes).toBeLessThanOrEqual(2 * size)
    expect(median).toBeLessThan(100)
  })
})
