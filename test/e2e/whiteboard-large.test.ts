import { writeElements } from '@mindfuse/scene'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { ELEMENTS, shownAfter, test, whenShown } from '../support/large-board.ts'
import { chromium, medianOf, PAGES_TIMEOUT_MS } from '../support/whiteboard-pages.ts'

const ROUNDS = 5

/** Milliseconds since the epoch, by a clock that all pages of a browser share. */
const NOW = 'performance.timeOrigin + performance.now()'

describe.skipIf(!chromium)('a board of 10,000 elements', { timeout: PAGES_TIMEOUT_MS }, () => {
  test('opens within 3 seconds, and shows within 100 ms what another moves', async ({
    newPage,
    addressOf,
    fullBoardId,
    his,
    ada,
    annotate,
  }) => {
    const page = await newPage(ada)
    const opened: number[] = []
    const cdp = await page.context().newCDPSession(page)
    for (let round = 0; round < ROUNDS; round++) {
      await cdp.send('Network.clearBrowserCache')
      await page.goto(addressOf(fullBoardId))
      opened.push(await shownAfter(page, `getSceneElements().length === ${ELEMENTS}`))
    }
    await annotate(
      `opened in ${medianOf(opened).toFixed()} ms (${opened.map(Math.round).join(', ')})`,
    )
    const moved: number[] = []
    for (let round = 1; round <= 20; round++) {
      const shown = shownAt(page, `getSceneElements()[7].y === ${-round}`)
      await page.evaluate('undefined')
      const at = Date.now()
      his.edit((doc) => writeElements(doc, [{ id: 'element-7', type: 'text', y: -round }]))
      moved.push((await shown) - at)
    }
    await annotate(
      `a move was shown after ${medianOf(moved).toFixed()} ms (${moved.map(Math.round).join(', ')})`,
    )
    expect(medianOf(opened)).toBeLessThan(3_000)
    expect(medianOf(moved)).toBeLessThan(100)
  })
})

/** @returns milliseconds since the epoch */
const shownAt = (page: Page, condition: string) =>
  page.evaluate(whenShown(condition, NOW)) as Promise<number>
