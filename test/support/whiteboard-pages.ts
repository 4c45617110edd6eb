import { rm } from 'node:fs/promises'
import type { ElementInput } from '@mindfuse/scene'
import type { SignedIn } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { buildPage } from './build-page.ts'
import { launchChromium } from './chromium.ts'
import { test as base } from './fixtures.ts'
import { serveFiles } from './static-server.ts'
import { VIEW } from './visitor.ts'
import { chromium } from './web-fixtures.ts'

export { chromium }

/** The first test of a file waits for the build, milliseconds. */
export const PAGES_TIMEOUT_MS = 300_000

/** Two pages of one build, which figures compare: Excalidraw by itself, and Excalidraw on a board. */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('dist', { scope: 'file' }, async ({}, { onCleanup }) => {
    const outDir = await buildPage(new URL('whiteboard-page/', import.meta.url))
    onCleanup(() => rm(outDir, { recursive: true }))
    return outDir
  })
  .extend('pageUrl', { scope: 'file' }, async ({ dist }, { onCleanup }) => {
    const server = await serveFiles(dist)
    onCleanup(server.stop)
    return server.url
  })
  .extend('stackOptions', { scope: 'file' }, ({ pageUrl }) => ({
    webOrigins: [pageUrl] as [string],
  }))
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }) => {
    const browser = await launchChromium(chromium ?? '')
    onCleanup(() => browser.close())
    return browser
  })
  .extend('addressOf', { scope: 'file' }, ({ stack, pageUrl }) => (boardId: string) => {
    const { apiUrl: api, realtimeUrl: realtime } = stack
    return `${pageUrl}/board.html?${new URLSearchParams({ api, realtime, board: boardId })}`
  })
  /** A page in a browser of its own, signed in as a person or not at all. */
  .extend('newPage', ({ browser, atEnd }) => async (person?: SignedIn): Promise<Page> => {
    const context = await browser.newContext({ viewport: VIEW })
    atEnd(() => context.close())
    const cookies = [...(person?.browser.cookies ?? [])]
    await context.addCookies(
      cookies.map(([name, value]) => ({ name, value, domain: 'localhost', path: '/' })),
    )
    return context.newPage()
  })
  /** The board in a browser of this person. */
  .extend('openAs', ({ newPage, addressOf, boardId }) => async (person: SignedIn) => {
    const page = await newPage(person)
    await page.goto(addressOf(boardId))
    await isReady(page)
    return page
  })
  /** Excalidraw by itself, with these elements. */
  .extend('openAlone', ({ newPage, pageUrl }) => async (elements: readonly ElementInput[]) => {
    const page = await newPage()
    await page.goto(`${pageUrl}/alone.html`)
    await isReady(page)
    // As text: of thousands of elements, which the browser would be handed value by value, that takes half a minute.
    await page.evaluate(
      (shown) => (globalThis as any).excalidraw.updateScene({ elements: JSON.parse(shown) }),
      JSON.stringify(elements),
    )
    return page
  })

/** Waits until Excalidraw takes input. */
async function isReady(page: Page): Promise<void> {
  await page.waitForFunction('window.excalidraw?.getAppState().isLoading === false')
}

/** The value below which such a share of all values is. */
export const quantileOf = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN

export const medianOf = (values: readonly number[]): number => quantileOf(values, 0.5)
