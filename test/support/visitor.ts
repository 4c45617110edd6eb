import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** Somebody with the web app before them. */
export interface Visitor {
  page: Page
  context: BrowserContext
  /** What the browser complained of: errors, and what the policy forbade. */
  complaints: string[]
  /** Opens a board and waits until everything is there. */
  open(url: string): Promise<void>
  /** Presses at one place and lets go at another. */
  drag(from: readonly [number, number], to: readonly [number, number]): Promise<void>
  /** Waits until the board holds so many shapes. */
  sees(count: number, timeoutMs?: number): Promise<void>
  /** The colour of the board at a place, as `r,g,b`. */
  colorAt(x: number, y: number): Promise<string>
  /** Waits until the label beside the name says this. */
  isTold(state: string | RegExp): Promise<void>
}

export const VIEW = { width: 1_200, height: 800 }

/** Where pictures go that people want to look at; nowhere without. */
const { WEB_SCREENSHOTS } = process.env

/** Takes a picture for people to look at, where they said where to. */
export async function picture(page: Page, name: string): Promise<void> {
  if (WEB_SCREENSHOTS) await page.screenshot({ path: join(WEB_SCREENSHOTS, `${name}.png`) })
}

/** A browser of one's own, signed in where there is an email. */
export async function visit(
  browser: Browser,
  baseUrl: string,
  email: string | undefined,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: VIEW, ...options })
  const complaints: string[] = []
  context.on('page', (page) => {
    page.setDefaultTimeout(10_000)
    page.on('pageerror', (error) => complaints.push(`${error.stack}`))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    // Leaving a page with something unsaved asks: yes.
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
    async drag([fromX, fromY], [toX, toY]) {
      const { mouse } = visitor.page
      await mouse.move(fromX, fromY)
      await mouse.down()
      await mouse.move(toX, toY, { steps: 6 })
      await mouse.up()
    },
    async sees(count, timeoutMs = 5_000) {
      const label = new RegExp(`^Board with ${count} shapes?\\b`)
      await visitor.page.getByRole('application', { name: label }).waitFor({ timeout: timeoutMs })
    },
    // A text, since no types of the browser are known here.
    colorAt: (x, y) =>
      visitor.page.evaluate(`(() => {
        const context = document.querySelector('.board-canvas').getContext('2d')
        return [...context.getImageData(${x}, ${y}, 1, 1).data].slice(0, 3).join()
      })()`),
    isTold: async (state) => {
      const label = visitor.page.locator('.save-state')
      await eventually(`the label says ${state}`, async () => {
        const text = await label.textContent({ timeout: 10_000 })
        return typeof state === 'string' ? text === state : state.test(text ?? '')
      })
    },
  }
  const hint = `${baseUrl}/api/auth/google?login_hint=${encodeURIComponent(email ?? '')}`
  await visitor.page.goto(email === undefined ? baseUrl : hint)
  return visitor
}
