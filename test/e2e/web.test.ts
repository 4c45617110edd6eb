import { eventually, startTcpProxy, type TcpProxy } from '@mindfuse/testing'
import type { Browser, Locator, Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { fingersOn } from '../support/fingers.ts'
import { addBoard, inPage, picture, type Shown, type Visitor, visit } from '../support/visitor.ts'
import { chromium, test } from '../support/web-fixtures.ts'

/** How long a click on an open menu may take, milliseconds. */
const MENU_MS = 2_000

/** Bound for edits, cursors and changes of lists to reach others on a busy machine, milliseconds. */
const AT_ONCE_MS = 5_000

/** The colour behind the letters of an avatar, as `rgb(r, g, b)`. */
const backgroundOf = (avatar: Locator) =>
  avatar.locator('.avatar').evaluate((element: any) => {
    return (globalThis as any).getComputedStyle(element, '::before').backgroundColor as string
  })

/** The colour in the pointer of another, whose tip is at this point of the page, in the same form. */
const cursorColorAt = (page: Page, { x, y }: { x: number; y: number }) =>
  page.evaluate<string>(`(() => {
    const canvas = document.querySelector('canvas.interactive')
    const { left, top } = canvas.getBoundingClientRect()
    const scale = canvas.width / canvas.clientWidth
    const { data } = canvas.getContext('2d').getImageData((${x} - left + 3) * scale, (${y} - top + 6) * scale, 1, 1)
    return 'rgb(' + [...data].slice(0, 3).join(', ') + ')'
  })()`)

describe.skipIf(!chromium)('the web app', () => {
  let baseUrl: string
  let gatewayUrl: string
  let browser: Browser
  /** Reaches the gateway through a proxy that can be cut. */
  let farBrowser: Browser
  let proxy: TcpProxy
  let ada: Visitor
  let grace: Visitor
  let boardUrl: string

  test.beforeAll(async ({ baseUrl: pageUrl, gatewayUrl: url, browser: shared }) => {
    baseUrl = pageUrl
    gatewayUrl = url
    browser = shared
    const gateway = new URL(gatewayUrl)
    proxy = await startTcpProxy(gateway.href)
    const detour = { from: gateway.host, to: new URL(proxy.through(gateway.href)).host }
    farBrowser = await launchChromium(chromium!, detour)
  })
  test.afterAll(async () => {
    await farBrowser?.close()
    await proxy?.stop()
  })

  /** A user with a new board open. */
  const visitNewBoard = async (from: Browser, email: string) => {
    const visitor = await visit(from, baseUrl, email)
    await addBoard(visitor.page)
    await visitor.isTold('Saved')
    return visitor
  }

  const invite = async (role: 'Can edit' | 'Can view', { page } = ada) => {
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByLabel('Role for this invite').selectOption({ label: role })
    await page.getByRole('button', { name: 'Create invite' }).click()
    const link = await page.getByLabel('Invite link').inputValue()
    await picture(page, `share-${role === 'Can edit' ? 'editor' : 'viewer'}`)
    await page.keyboard.press('Escape')
    return link
  }

  /** Excalidraw has the keyboard while the focus is in it. */
  const focusBoard = ({ page }: Visitor) => page.locator('.excalidraw').first().focus()

  /** Ends a cut. The page is notified, as by a machine that is online again, or its retry may be far off. */
  const restore = async ({ page }: Visitor, isNoticed: () => Promise<boolean>) => {
    await proxy.listen()
    await eventually('the page notices', async () => {
      await page.evaluate("dispatchEvent(new Event('online'))")
      return isNoticed()
    })
  }

  /** Changes a member's role, or removes them, in the share dialog. */
  const change = async (name: string, what: 'Can edit' | 'Can comment' | 'Can view' | 'remove') => {
    const { page } = ada
    await page.getByRole('button', { name: 'Share' }).click()
    if (what === 'remove') {
      await page.getByRole('button', { name: `Remove ${name}` }).click()
      await page.getByRole('button', { name: 'Remove', exact: true }).click()
    } else await page.getByLabel(`Role of ${name}`).selectOption({ label: what })
    await page.getByRole('button', { name: 'Close' }).click()
  }

  test('the page is revalidated each time, its assets are cached, and nothing else is a page', async () => {
    const page = await fetch(`${baseUrl}/boards/1`)
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(page.headers.get('content-security-policy')).toMatch(
      /script-src 'self' 'wasm-unsafe-eval';/,
    )
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe-inline|'unsafe-eval'/)
    const [script] = /\/assets\/[\w-]+\.js/.exec(await page.text())!
    const file = await fetch(`${baseUrl}${script}`, { headers: { 'accept-encoding': 'br' } })
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(file.headers.get('content-encoding')).toBe('br')
    expect(await file.text()).toContain('/api/auth/token')
    expect((await fetch(`${baseUrl}/assets/none.js`)).status).toBe(404)
    expect((await fetch(`${baseUrl}/api/none`)).headers.get('content-type')).toContain('problem')
  })

  test('a user signs in, creates a board and draws', async () => {
    ada = await visit(browser, baseUrl, undefined)
    await picture(ada.page, 'sign-in')
    await ada.page.getByRole('link', { name: 'Sign in' }).click()
    await ada.page.getByLabel('Email').fill('ada.lovelace@example.com')
    await ada.page.getByRole('button', { name: 'Sign in' }).click()
    await addBoard(ada.page)
    await ada.isTold('Saved')
    boardUrl = ada.page.url()
    await ada.page.keyboard.press('r')
    await ada.drag([300, 250], [500, 370])
    await ada.sees(1)
    await ada.isTold('Saved')
  })

  test('ADM-16: a page opens a WebSocket with the session cookie alone, and no page of another origin', async () => {
    const url = `${gatewayUrl}/${boardUrl.split('/').at(-1)}`
    const open = (page: Page) =>
      page.evaluate((address) => {
        const socket = new WebSocket(address)
        return new Promise<string>((resolve) => {
          // Its first frame, once the board is loaded.
          socket.onmessage = () => resolve('admitted')
          socket.onerror = () => resolve('refused')
        }).finally(() => socket.close())
      }, url)
    expect(await open(ada.page)).toBe('admitted')
    const foreign = await ada.page.context().newPage()
    await foreign.goto('data:text/html,')
    expect(await open(foreign)).toBe('refused')
    await foreign.close()
  })

  test('an invite link works for a person without an account', async () => {
    const link = await invite('Can edit')
    grace = await visit(farBrowser, baseUrl, undefined)
    await grace.page.goto(link)
    await grace.page.getByText('Ada Lovelace invited you to draw on').waitFor()
    await picture(grace.page, 'invite')
    await grace.page.getByRole('link', { name: 'Sign in to join' }).click()
    await grace.page.getByLabel('Email').fill('grace.hopper@example.com')
    await grace.page.getByRole('button', { name: 'Sign in' }).click()
    await grace.page.getByRole('button', { name: 'Open board' }).click()
    await grace.sees(1)
    expect(grace.page.url()).toBe(boardUrl)
  })

  test('the other user sees a new shape within a second', async () => {
    await focusBoard(ada)
    await ada.page.keyboard.press('o')
    await ada.drag([820, 540], [980, 660])
    await eventually(
      'the other sees it',
      async () => {
        const shown = await grace.shown()
        const circle = shown.elements.find(({ type }) => type === 'ellipse')
        if (!circle) return false
        const left = inPage(shown, { x: circle.x, y: circle.y + circle.height / 2 })
        return grace.isDrawnAt(left.x, left.y)
      },
      AT_ONCE_MS,
    )
    await grace.sees(2)
    await grace.page.keyboard.press('p')
    await grace.drag([300, 650], [600, 680])
    await ada.sees(3, AT_ONCE_MS)
    await grace.page.keyboard.press('v')
  })

  test('cursors have names and follow their users', async () => {
    await grace.page.mouse.move(500, 300)
    const own = await grace.shown()
    const pointerIn = ({ others }: Shown) =>
      others.find(({ username }) => username === 'Grace Hopper')?.pointer
    await eventually(
      'it is there',
      async () => {
        const pointer = pointerIn(await ada.shown())
        if (!pointer) return false
        const { x, y } = inPage(own, pointer)
        return Math.hypot(x - 500, y - 300) < 2
      },
      AT_ONCE_MS,
    )
    const avatar = ada.page.getByRole('button', { name: 'Go to the view of Grace Hopper' })
    const color = await backgroundOf(avatar)
    await eventually('it has the colour of her avatar', async () => {
      const shown = await ada.shown()
      const pointer = pointerIn(shown)
      return pointer && (await cursorColorAt(ada.page, inPage(shown, pointer))) === color
    })
    expect(await backgroundOf(ada.page.getByTitle('(you)'))).not.toBe(color)
    await picture(ada.page, 'board-light')
  })

  test('the other user sees a laser as it moves, and it fades', async () => {
    const hedy = await visitNewBoard(browser, 'hedy.lamarr@example.com')
    const rosalind = await visit(browser, baseUrl, 'rosalind.franklin@example.com')
    await rosalind.page.goto(await invite('Can edit', hedy))
    await rosalind.page.getByRole('button', { name: 'Open board' }).click()
    await rosalind.isTold('Saved')
    const untilLit = ({ page }: Visitor, isLit = true) =>
      page
        .locator('.SVGLayer path[d^="M"]')
        .first()
        .waitFor({ state: isLit ? 'attached' : 'detached' })
    const { keyboard, mouse } = hedy.page
    await focusBoard(hedy)
    await keyboard.press('k')
    await mouse.move(300, 320)
    const seen = Promise.all([untilLit(hedy), untilLit(rosalind)])
    await mouse.down()
    await mouse.move(800, 360, { steps: 6 })
    await seen
    await picture(rosalind.page, 'laser')
    await mouse.up()
    await Promise.all([untilLit(hedy, false), untilLit(rosalind, false)])
    await hedy.sees(0)
    await hedy.isTold('Saved')
    for (const { context, complaints } of [hedy, rosalind]) {
      expect(complaints).toEqual([])
      await context.close()
    }
  })

  test('reactions float up for everyone, and the keyboard can send them', async () => {
    const { keyboard } = grace.page
    await keyboard.press('Shift+E')
    await keyboard.press('ArrowRight')
    await keyboard.press('ArrowRight')
    await keyboard.press('Enter')
    for (const { page } of [ada, grace]) {
      await page.locator('.reaction', { hasText: '🎉Grace Hopper' }).waitFor()
    }
    await keyboard.press('ArrowLeft')
    await keyboard.press('Enter')
    await ada.page.locator('.reaction', { hasText: '❤️Grace Hopper' }).waitFor()
    await picture(grace.page, 'reactions')
    await keyboard.press('Escape')
    for (const { page } of [ada, grace]) {
      await eventually('they go', async () => (await page.locator('.reaction').count()) === 0)
    }
    await keyboard.press('v')
  })

  test('shapes are moved, edited, copied, deleted and restored by keyboard', async () => {
    const { keyboard } = ada.page
    await focusBoard(ada)
    await keyboard.press('r')
    await ada.drag([620, 250], [760, 340])
    await grace.sees(4)
    await keyboard.press('Enter')
    await keyboard.type('Tea?')
    await keyboard.press('Escape')
    // The text is an element of its own, in the box.
    await grace.sees(5)
    const texts = async () => (await grace.shown()).elements.map(({ text }) => text)
    await expect.poll(texts).toContain('Tea?')
    const xs = async () => (await grace.shown()).elements.map(({ x }) => x)
    const before = await xs()
    await keyboard.press('ArrowRight')
    await eventually('it moves', async () => `${await xs()}` !== `${before}`)
    await keyboard.press('Control+d')
    await grace.sees(7)
    await keyboard.press('Delete')
    await grace.sees(5)
    await keyboard.press('Control+z')
    await grace.sees(7)
    await keyboard.press('Control+Shift+z')
    await grace.sees(5)
    // Undo covers the user's own steps: shapes of the other stay.
    for (let i = 0; i < 12; i++) await keyboard.press('Control+z')
    await grace.sees(1)
    for (let i = 0; i < 12; i++) await keyboard.press('Control+Shift+z')
    await grace.sees(5)
    await keyboard.press('Control+a')
    // The text of the box goes with it.
    await eventually('all are selected', async () => (await ada.shown()).selected.length === 4)
    await keyboard.press('Escape')
  })

  test('edits made offline merge after reconnecting', async () => {
    await proxy.stop()
    await focusBoard(grace)
    await grace.page.keyboard.press('r')
    await grace.drag([300, 700], [400, 740])
    await grace.isTold('Offline: saved to this device')
    await picture(grace.page, 'offline')
    await ada.page.keyboard.press('o')
    await ada.drag([1000, 200], [1100, 280])
    await ada.sees(6)
    const label = grace.page.locator('.save-state')
    await restore(grace, async () => /^Sav/.test((await label.textContent()) ?? ''))
    await grace.sees(7)
    await ada.sees(7)
    await grace.isTold('Saved')
  })

  test('offline edits survive closing the page', async () => {
    await proxy.stop()
    await focusBoard(grace)
    await grace.page.keyboard.press('r')
    await grace.drag([300, 400], [400, 460])
    await grace.isTold('Offline: saved to this device')
    await grace.page.close()
    await proxy.listen()
    await ada.sees(7)
    grace.page = await grace.context.newPage()
    await grace.open(boardUrl)
    await grace.sees(8)
    await ada.sees(8)
  })

  test('a viewer sees everything and cannot draw until promoted', async () => {
    const alan = await visit(browser, baseUrl, 'alan.turing@example.com', { colorScheme: 'dark' })
    await alan.page.goto(await invite('Can view'))
    await alan.page.getByRole('button', { name: 'Open board' }).click()
    await alan.isTold('View only')
    await alan.sees(8)
    await picture(alan.page, 'viewer-dark')
    expect(await alan.page.getByRole('radio', { name: 'Rectangle' }).count()).toBe(0)
    await focusBoard(alan)
    await alan.page.keyboard.press('r')
    await alan.drag([300, 200], [500, 280])
    await alan.page.keyboard.press('Control+a')
    await alan.page.keyboard.press('Delete')
    await alan.sees(8)

    const laser = alan.page.getByRole('button', { name: 'Laser' })
    expect(await laser.isEnabled()).toBe(true)
    await ada.page.getByRole('button', { name: 'Share' }).click()
    await ada.page.getByLabel('Viewers can use the laser and reactions').uncheck()
    await eventually('he may not point', async () => !(await laser.isEnabled()))
    await picture(ada.page, 'share-setting')
    await ada.page.getByLabel('Viewers can use the laser and reactions').check()
    await eventually('he may', () => laser.isEnabled())
    await ada.page.getByRole('button', { name: 'Close' }).click()

    await change('Alan Turing', 'Can edit')
    await alan.isTold('Saved')
    await focusBoard(alan)
    await alan.page.keyboard.press('r')
    await alan.drag([600, 420], [780, 480])
    await ada.sees(9)

    for (const role of ['Can view', 'Can comment'] as const) {
      await change('Alan Turing', role)
      await alan.isTold('View only')
      await alan.drag([300, 200], [500, 280])
      await alan.sees(9)
    }
    await alan.context.close()
  })

  test('a removed member is notified at once, and their edits reach no one', async () => {
    await change('Grace Hopper', 'remove')
    const notice = grace.page.getByRole('alertdialog', {
      name: 'You no longer have access to this board',
    })
    await notice.waitFor({ timeout: AT_ONCE_MS })
    await picture(grace.page, 'removed')
    await grace.page.keyboard.press('r')
    await grace.page.keyboard.press('Control+a')
    await grace.page.keyboard.press('Delete')
    await grace.page.goto(boardUrl)
    await grace.page
      .getByRole('heading', { name: 'You no longer have access to this board' })
      .waitFor()
    await ada.sees(9)
    await ada.isTold('Saved')
  })

  test('boards are renamed, duplicated, trashed, restored and deleted', async () => {
    const { page } = ada
    await page.getByLabel('Board name').fill('Launch')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'All boards' }).click()
    const card = page.getByRole('listitem').filter({ hasText: 'Launch' })
    await picture(page, 'boards')
    // Again if the list changes in between: it is built anew then, and the menu closes.
    const choose = (name: string, item: string) =>
      eventually(`${item} is chosen`, async () => {
        await page
          .getByRole('button', { name: `More actions for ${name}` })
          .first()
          .click()
        await page.getByRole('menuitem', { name: item }).click({ timeout: MENU_MS })
        return true
      })
    await choose('Launch', 'Duplicate')
    await eventually('there are two', async () => (await card.count()) === 2)
    await choose('Launch', 'Rename')
    await page.getByLabel('Name', { exact: true }).fill('Second launch')
    await page.getByRole('button', { name: 'Rename' }).click()
    await choose('Second launch', 'Move to trash')
    await eventually('there is one', async () => (await card.count()) === 1)
    await page.getByRole('link', { name: 'Trash' }).click()
    await choose('Second launch', 'Restore')
    await page.getByText('The trash is empty.').waitFor()
    await page.getByRole('link', { name: 'Back to boards' }).click()
    await choose('Second launch', 'Move to trash')
    await page.getByRole('link', { name: 'Trash' }).click()
    await choose('Second launch', 'Delete permanently')
    await page.getByRole('button', { name: 'Delete permanently' }).click()
    await page.getByText('The trash is empty.').waitFor()
  })

  test('lists of boards, the trash and the members of a board update live', async () => {
    const ada2 = await visit(browser, baseUrl, 'ada.lovelace@example.com')
    const alan = await visit(browser, baseUrl, 'alan.turing@example.com')
    const card = ({ page }: Visitor, name: string) =>
      page.getByRole('listitem').filter({ hasText: name })
    // Once the lists are loaded, nothing is clicked on these pages.
    await card(ada2, 'Launch').waitFor()
    const shared = alan.page.getByRole('heading', { name: 'Shared with you' })
    await shared.waitFor()
    await card(alan, 'Launch').waitFor()

    const { page } = ada
    await ada.open(boardUrl)
    await page.getByLabel('Board name').fill('Lift-off')
    await page.keyboard.press('Enter')
    for (const visitor of [ada2, alan]) {
      await card(visitor, 'Lift-off').waitFor({ timeout: AT_ONCE_MS })
    }
    await picture(ada2.page, 'boards-live')

    // The name of a board that is open, but not over what is being typed.
    await ada2.page.goto(boardUrl)
    const [hers, other] = [page, ada2.page].map((each) => each.getByLabel('Board name'))
    const shows = (shown: Page, field: Locator | undefined, name: string) =>
      eventually(`${name} is shown`, async () => {
        return (
          (await shown.title()) === `${name} – Mindfuse` && (await field?.inputValue()) === name
        )
      })
    await other?.fill('Land')
    await hers?.fill('Ascent')
    await page.keyboard.press('Enter')
    await eventually('the tab has the name', async () => {
      return (await ada2.page.title()) === 'Ascent – Mindfuse'
    })
    expect(await other?.inputValue()).toBe('Land')
    await ada2.page.keyboard.press('Escape')
    await shows(ada2.page, other, 'Ascent')
    await other?.fill('Lift-off')
    await ada2.page.keyboard.press('Enter')
    await shows(page, hers, 'Lift-off')

    // The members of the board, in a dialog that stays open.
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: 'Remove Alan Turing' }).waitFor()
    await ada2.page.getByRole('button', { name: 'Share' }).click()
    await ada2.page.getByRole('button', { name: 'Remove Alan Turing' }).click()
    await ada2.page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page
      .getByRole('button', { name: 'Remove Alan Turing' })
      .waitFor({ state: 'detached', timeout: AT_ONCE_MS })
    await card(alan, 'Lift-off').waitFor({ state: 'detached', timeout: AT_ONCE_MS })
    await shared.waitFor({ state: 'hidden' })
    await alan.context.close()

    // The trash.
    await page.goto(baseUrl)
    await page.getByRole('link', { name: 'Trash' }).click()
    await page.getByText('The trash is empty.').waitFor()
    await ada2.page.goto(baseUrl)
    const choose = async (item: string) => {
      await ada2.page.getByRole('button', { name: 'More actions for Lift-off' }).click()
      await ada2.page.getByRole('menuitem', { name: item }).click()
    }
    await choose('Move to trash')
    await card(ada, 'Lift-off').waitFor({ timeout: AT_ONCE_MS })
    await card(ada2, 'Lift-off').waitFor({ state: 'detached', timeout: AT_ONCE_MS })
    await page.getByRole('button', { name: 'More actions for Lift-off' }).click()
    await page.getByRole('menuitem', { name: 'Restore' }).click()
    await card(ada2, 'Lift-off').waitFor({ timeout: AT_ONCE_MS })
    await page.getByText('The trash is empty.').waitFor()
    expect(ada2.complaints).toEqual([])
    await ada2.context.close()
  })

  test('one finger draws, two fingers pan and zoom', async () => {
    const phone = await visit(browser, baseUrl, 'ada.lovelace@example.com', {
      viewport: { width: 390, height: 800 },
      hasTouch: true,
      isMobile: true,
      colorScheme: 'dark',
    })
    await phone.open(boardUrl)
    await phone.sees(9)
    await phone.page
      .locator('label', { has: phone.page.getByRole('radio', { name: 'Draw' }) })
      .tap()
    const fingers = await fingersOn(phone.page)
    await fingers.drag([100, 550], [250, 570])
    await phone.sees(10)
    await picture(phone.page, 'phone-dark')

    await fingers.down([150, 400], [250, 400])
    for (let i = 1; i <= 10; i++) await fingers.move([150 - 8 * i, 400], [250 + 8 * i, 400])
    await fingers.up()
    // The first finger began a stroke, which the second cancelled.
    await phone.sees(10)
    await picture(phone.page, 'phone-zoomed')
    await phone.context.close()
  })

  test('signing out applies to every tab', async () => {
    const second = await ada.context.newPage()
    await second.goto(boardUrl)
    await second.locator('.excalidraw canvas').first().waitFor()
    await ada.page.getByRole('button', { name: 'Account' }).click()
    await ada.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await ada.page.getByRole('link', { name: 'Sign in' }).waitFor()
    await second.getByRole('alertdialog', { name: 'You are signed out' }).waitFor()
  })

  test('a tab whose user is not the one signed in any longer stops, and says so', async () => {
    const tab = await visitNewBoard(farBrowser, 'mary.somerville@example.com')
    await proxy.stop()
    await focusBoard(tab)
    await tab.page.keyboard.press('r')
    await tab.drag([300, 400], [400, 460])
    const second = await tab.context.newPage()
    await second.goto(baseUrl)
    await second.getByRole('button', { name: 'Account' }).click()
    await second.getByRole('menuitem', { name: 'Sign out' }).click()
    const lost = second.getByRole('alertdialog', { name: 'Sign out?' })
    await lost.getByText('Untitled board').waitFor()
    await lost.getByRole('button', { name: 'Sign out and lose them' }).click()
    await second.getByRole('link', { name: 'Sign in' }).waitFor()
    await second.goto(`${baseUrl}/api/auth/google?login_hint=joan.clarke%40example.com`)
    await second.getByRole('button', { name: 'New board' }).waitFor()
    const told = tab.page.getByRole('alertdialog', { name: 'Someone else is signed in' })
    await restore(tab, () => told.isVisible())
    await picture(tab.page, 'another-user')
    await told.getByRole('button', { name: 'Reload' }).click()
    await tab.page.getByRole('heading', { name: 'This board does not open' }).waitFor()
    await tab.context.close()
  })

  test('browsers logged no errors except for the connections that were cut', () => {
    const harmless =
      /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|status of (401|403|404)|WebSocket connection/
    const complaints = [ada, grace].flatMap((visitor) => visitor.complaints)
    expect(complaints.filter((line) => !harmless.test(line))).toEqual([])
  })
})
