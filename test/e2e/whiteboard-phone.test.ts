import { type SignedIn, signIn } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { seriousViolations } from '../support/axe.ts'
import { connectSdk } from '../support/sdk.ts'
import { picture, type Visitor } from '../support/visitor.ts'
import { chromium } from '../support/web-fixtures.ts'
import { ADA, test as base } from '../support/whiteboard-fixtures.ts'

/** As small as phones are. */
const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }
const ROTATED = { width: 640, height: 360 }
/** What an on-screen keyboard leaves. */
const WITH_KEYBOARD = { width: 360, height: 340 }

/** More than a phone has room for. */
const OTHERS = 7

const test = base
  /** Lets others join the board, who stay until the test ends. */
  .extend('join', ({ remotely, baseUrl, gatewayUrl, boardId }, { onCleanup }) => {
    const leave: (() => Promise<void>)[] = []
    onCleanup(async () => {
      await Promise.all(leave.map((each) => each()))
    })
    return async (email: string, role: string) => {
      const { token } = await (await remotely(ADA))('POST', `/boards/${boardId}/invite`, { role })
      await (await remotely(email))('POST', `/invites/${token}/accept`, {})
      const person: SignedIn = await signIn(baseUrl, email)
      const client = connectSdk({ apiUrl: baseUrl, realtimeUrl: gatewayUrl }, person)
      leave.push(() => client.close())
      await client.board(boardId).whenSynced()
    }
  })

/** What takes room: what is in the bar, and the toolbars of Excalidraw. */
const PARTS =
  '.board-bar > :not(.spacer), .App-toolbar--mobile, .mobile-misc-tools-container, .App-bottom-bar .Island'

/** Which of these are beyond the edges of the view or above one another, by their classes. */
const collisions = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const parts = [...document.querySelectorAll('${PARTS}')]
      .map((element) => ({ name: element.className, at: element.getBoundingClientRect() }))
      .filter(({ at }) => at.width > 0 && at.height > 0)
    const beyond = parts.filter(({ at }) =>
      at.left < 0 || at.top < 0 || at.right > innerWidth + 0.5 || at.bottom > innerHeight + 0.5)
    const above = parts.flatMap(({ name, at }, i) => parts.slice(i + 1)
      .filter((other) =>
        at.left < other.at.right - 0.5 && other.at.left < at.right - 0.5 &&
        at.top < other.at.bottom - 0.5 && other.at.top < at.bottom - 0.5)
      .map((other) => name + ' and ' + other.name))
    return [...beyond.map(({ name }) => name + ' is beyond the edge'), ...above]
  })()`)

/** Nothing is covered, in either theme, and everything has a name. */
async function isInOrder({ page }: Visitor, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.locator(`.excalidraw${colorScheme === 'dark' ? '' : ':not(.theme--dark)'}`).waitFor()
    await picture(page, `phone-${name}-${colorScheme}`)
    expect(await seriousViolations(page)).toEqual([])
  }
  expect(await collisions(page)).toEqual([])
}

describe.skipIf(!chromium)('a board on a phone', () => {
  test('has room for everything, however many are there, turned and with a keyboard', async ({
    openAs,
    join,
  }) => {
    const ada = await openAs(ADA, PHONE)
    const { page } = ada
    await isInOrder(ada, 'alone')
    for (let i = 0; i < OTHERS; i++) await join(`person${i}@example.com`, 'viewer')
    await page.getByText(`+${OTHERS - 1}`, { exact: true }).waitFor()
    await isInOrder(ada, 'crowd')

    await page.locator('.main-menu-trigger').tap()
    await page.getByText('Present frames').waitFor()
    await picture(page, 'phone-menu')
    expect(await seriousViolations(page)).toEqual([])
    await page.locator('.color-picker__button.active-color').tap()
    await page.getByRole('dialog', { name: 'Canvas background' }).last().waitFor()
    await picture(page, 'phone-colours')
    expect(await seriousViolations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.locator('.main-menu-trigger').tap()

    await page.setViewportSize(ROTATED)
    await isInOrder(ada, 'rotated')
    await page.setViewportSize(PHONE.viewport)
    await page.locator('label', { has: page.getByTestId('toolbar-text') }).tap()
    await page.touchscreen.tap(150, 250)
    await page.locator('textarea.excalidraw-wysiwyg').waitFor()
    await page.setViewportSize(WITH_KEYBOARD)
    await page.keyboard.type('Words')
    await picture(page, 'phone-keyboard')
    expect(await collisions(page)).toEqual([])
    await page.locator('textarea.excalidraw-wysiwyg').press('Escape')
    await page.setViewportSize(PHONE.viewport)
    await ada.sees(1)

    await ada.context.setOffline(true)
    await ada.isTold(/^Offline/)
    await isInOrder(ada, 'offline')
    expect(ada.complaints.filter((complaint) => !/ERR_INTERNET|WebSocket/.test(complaint))).toEqual(
      [],
    )
  })

  test('has room for viewers and guests', async ({ openAs, visit, remotely, boardId, join }) => {
    for (let i = 0; i < 3; i++) await join(`viewer${i}@example.com`, 'viewer')
    const viewer = await openAs('viewer0@example.com', PHONE)
    await isInOrder(viewer, 'viewer')

    const ada = await remotely(ADA)
    const { url } = await ada('POST', `/boards/${boardId}/links`, { role: 'viewer' })
    const guest = await visit(undefined, PHONE)
    await guest.page.goto(url)
    await guest.page.getByRole('button', { name: 'Open board' }).tap()
    await guest.isTold('View only')
    await isInOrder(guest, 'guest')
  })
})
