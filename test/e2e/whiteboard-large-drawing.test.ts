import { eventually } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { ELEMENTS, shownAfter, test } from '../support/large-board.ts'
import { chromium, medianOf, PAGES_TIMEOUT_MS } from '../support/whiteboard-pages.ts'

const ROUNDS = 5
const STROKE_MS = 2_000

describe.skipIf(!chromium)('a board of 10,000 elements', { timeout: PAGES_TIMEOUT_MS }, () => {
  test('draws at 0.8 of the frames of Excalidraw alone, at least', async ({
    openAlone,
    newPage,
    addressOf,
    fullBoardId,
    elements,
    his,
    ada,
    annotate,
  }) => {
    const alone = await openAlone(elements)
    const board = await newPage(ada)
    await board.goto(addressOf(fullBoardId))
    await shownAfter(board, `getSceneElements().length === ${ELEMENTS}`)
    await eventually('each knows of the other', () => his.presence.others.length === 1)
    const frames = { alone: [] as number[], board: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      frames.alone.push(await framesPerSecond(alone, round))
      frames.board.push(await framesPerSecond(board, round))
    }
    const ratio = medianOf(frames.board) / medianOf(frames.alone)
    const list = (each: readonly number[]) => each.map((value) => value.toFixed(1)).join(', ')
    await annotate(
      `${ratio.toFixed(2)} times the frames of Excalidraw alone (a second: ${list(frames.board)}; ${list(frames.alone)})`,
    )
    expect(ratio).toBeGreaterThan(0.8)
  })
})

/** Draws a stroke, and counts the frames of the page meanwhile. */
async function framesPerSecond(page: Page, round: number): Promise<number> {
  const { mouse, keyboard } = page
  await mouse.click(1_000, 650)
  await keyboard.press('p')
  await mouse.move(300, 200 + 80 * round)
  await mouse.down()
  await page.evaluate(`(() => {
    window.frames = 0
    const count = () => { window.frames++; requestAnimationFrame(count) }
    window.counting ??= requestAnimationFrame(count)
  })()`)
  const startedAt = performance.now()
  let moves = 0
  while (performance.now() - startedAt < STROKE_MS) {
    moves++
    await mouse.move(300 + (moves % 300) * 2, 200 + 80 * round + 30 * Math.sin(moves / 9))
  }
  const frames = (await page.evaluate('window.frames')) as number
  const seconds = (performance.now() - startedAt) / 1_000
  await mouse.up()
  return frames / seconds
}
