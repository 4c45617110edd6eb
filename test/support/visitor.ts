import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

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
  /** Waits until the board shows this many shapes. */
  sees(count: number, timeoutMs?: number): Promise<void>
  /** The colour of the board at a point, as `r,g,b`. */
  colorAt(x: number, y: number): Promise<string>
  /** Waits until the save label has this text. */
  isTold(state: string | RegExp): Promise<void>
}

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
    async drag([fromX, fromY], [toX, toY]) {
      const { mouse } = visitor.page
      await mouse.move(fromX, fromY)
      await mouse.down()
      await mouse.move(toX, toY, { steps: 6 })
      await mouse.up()
    },
    async sees(count, timeoutMs) {
      const label = new RegExp(`^Board with ${count} shapes?\\b`)
      await visitor.page
        .getByRole('application', { name: label })
        .waitFor(timeoutMs === undefined ? {} : { timeout: timeoutMs })
    },
    // A string: this project has no DOM types.
    colorAt: (x, y) =>
      visitor.page.evaluate(`(() => {
        const context = document.querySelector('.board-canvas').getContext('2d')
        return [...context.getImageData(${x}, ${y}, 1, 1).data].slice(0, 3).join()
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
