import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { drag } from './drag.ts'

/** A browser of one user with the web app. */
export interface Visitor {
  page: Page
  context: BrowserContext
  /** Errors the browser logged, violations of the content security policy included. */
  complaints: string[]
  /** Opens a board and waits until it is synced. */
  open(url: string): Promise<void>
  /** Presses at one point and releases at another. */
  drag(from: readonly [number, number], to: readonly [number, number]): Promise<void>
  /** Waits until the editor shows this many elements. */
  sees(count: number, timeoutMs?: number): Promise<void>
  /** The elements that the editor shows, the selected ones, and the others whom it shows. */
  shown(): Promise<Shown>
  /** The colour of the board at a point, as `r,g,b`, before a dark theme inverts it. */
  colorAt(x: number, y: number): Promise<string>
  /** Whether there is something drawn at a point, or within 8 pixels of it. */
  isDrawnAt(x: number, y: number): Promise<boolean>
  /** Waits until the save label has this text. */
  isTold(state: string | RegExp): Promise<void>
}

/** What Excalidraw shows in a page. */
export interface Shown {
  elements: {
    id: string
    type: string
    x: number
    y: number
    width: number
    height: number
    text?: string
  }[]
  selected: string[]
  others: { username: string; pointer?: { x: number; y: number; tool: string } }[]
  scrollX: number
  scrollY: number
  zoom: number
  /** Of the canvas in the page. */
  top: number
}

/** Where a point of the board is in the page. */
export function inPage({ scrollX, scrollY, zoom, top }: Shown, { x, y }: { x: number; y: number }) {
  return { x: (x + scrollX) * zoom, y: (y + scrollY) * zoom + top }
}

/**
 * Reads it from the component itself: canvases say nothing of what is on them, and the page has no hook for tests. A
 * string, as are all below: this project has no DOM types.
 */
const SHOWN = `(() => {
  const canvas = document.querySelector('.excalidraw canvas.interactive')
  if (!canvas) return { elements: [], selected: [], others: [] }
  let fiber = canvas[Object.keys(canvas).find((key) => key.startsWith('__reactFiber$'))]
  while (!fiber.stateNode?.scene) fiber = fiber.return
  const { scene, state } = fiber.stateNode
  return {
    elements: scene.getNonDeletedElements().map(({ id, type, x, y, width, height, text }) =>
      ({ id, type, x, y, width, height, text })),
    selected: Object.keys(state.selectedElementIds),
    others: [...state.collaborators.values()].map(({ username, pointer }) => ({ username, pointer })),
    scrollX: state.scrollX,
    scrollY: state.scrollY,
    zoom: state.zoom.value,
    top: canvas.getBoundingClientRect().top,
  }
})()`

/** The pixels of a square around a point of the page, as `data`. */
const pixelsAt = (x: number, y: number, size: number) => `
  const canvas = document.querySelector('canvas.excalidraw__canvas.static')
  const { left, top } = canvas.getBoundingClientRect()
  const scale = canvas.width / canvas.clientWidth
  const [x, y, size] = [${x} - left - ${size} / 2, ${y} - top - ${size} / 2, ${size}].map((value) => value * scale)
  const { data } = canvas.getContext('2d').getImageData(x, y, size, size)`

export const VIEW = { width: 1_200, height: 800 }

/** Folder for screenshots; none are taken without it. */
const { WEB_SCREENSHOTS } = process.env

/** Takes a screenshot if `WEB_SCREENSHOTS` is set. */
export async function picture(page: Page, name: string): Promise<void> {
  if (WEB_SCREENSHOTS) await page.screenshot({ path: join(WEB_SCREENSHOTS, `${name}.png`) })
}

/** Creates a board on the list of boards, which leads to it. */
export async function addBoard(page: Page, name?: string): Promise<void> {
  await page.getByRole('button', { name: 'New board' }).click()
  if (name !== undefined) await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.waitForURL('**/boards/*')
}

/** Opens a browser context, signed in if there is an email. */
export async function visit(
  browser: Browser,
  baseUrl: string,
  email: string | undefined,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: VIEW, ...options })
  const complaints: string[] = []
  context.on('page', (page) => {
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => complaints.push(`${error.stack}`))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    // Accepts the prompt on leaving a page with unsaved edits.
    page.on('dialog', (dialog) => void dialog.accept())
  })
  const visitor: Visitor = {
    page: await context.newPage(),
    context,
    complaints,
    async open(url) {
      await visitor.page.goto(url)
      await visitor.isTold(/Saved|View only/)
    },
    drag: (from, to) => drag(visitor.page, from, to),
    async sees(count, timeoutMs) {
      let seen = -1
      const isSeen = async () => {
        seen = (await visitor.shown()).elements.length
        return seen === count
      }
      await eventually(`the editor shows ${count} elements`, isSeen, timeoutMs).catch((error) => {
        throw new Error(`${error.message}: it shows ${seen}`)
      })
    },
    shown: () => visitor.page.evaluate(SHOWN),
    colorAt: (x, y) =>
      visitor.page.evaluate(`(() => {
        ${pixelsAt(x, y, 1)}
        return [...data].slice(0, 3).join()
      })()`),
    isDrawnAt: (x, y) =>
      visitor.page.evaluate(`(() => {
        ${pixelsAt(x, y, 16)}
        return data.some((value, i) => i % 4 < 3 && value < 200)
      })()`),
    isTold: async (state) => {
      const label = visitor.page.locator('.save-state')
      await eventually(`the label says ${state}`, async () => {
        const text = await label.textContent()
        return typeof state === 'string' ? text === state : state.test(text ?? '')
      })
    },
  }
  const hint = `${baseUrl}/api/auth/google?login_hint=${encodeURIComponent(email ?? '')}`
  await visitor.page.goto(email === undefined ? baseUrl : hint)
  return visitor
}
