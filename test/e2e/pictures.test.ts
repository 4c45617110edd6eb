import { eventually, startTcpProxy } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { MIDDLE, paste, sees } from '../support/pasted-pictures.ts'
import { addBoard, picture, type Visitor, visit } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

/** How soon a picture is seen after it has arrived; what a busy machine takes longer is on top. Milliseconds. */
const SEEN_MS = 2_000
const BUSY_MS = 3_000

/** Chromium reports itself what it could not load. */
const HARMLESS = /Failed to load resource|WebSocket connection/

const test = base
  /** Reaches the gateway through a line that can be cut. */
  .extend('line', ({ gatewayUrl }, { onCleanup }) => {
    const proxy = startTcpProxy(new URL(gatewayUrl).href)
    onCleanup(async () => (await proxy).stop())
    return proxy
  })
  .extend('farVisit', async ({ gatewayUrl, baseUrl, line }, { onCleanup }) => {
    const gateway = new URL(gatewayUrl)
    const detour = { from: gateway.host, to: new URL(line.through(gateway.href)).host }
    const browser = await launchChromium(chromium ?? '', detour)
    onCleanup(() => browser.close())
    return (email: string) => visit(browser, baseUrl, email)
  })

/** Nothing of the API's files can be reached, though the page can. */
const cutFiles = (page: Page) => page.route('**/api/boards/*/assets/**', (route) => route.abort())

async function openNewBoard(owner: Visitor): Promise<string> {
  await addBoard(owner.page)
  await owner.isTold('Saved')
  return owner.page.url()
}

async function createLink({ page }: Visitor): Promise<string> {
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Create link' }).click()
  const link = await page.getByLabel('Link', { exact: true }).inputValue()
  await page.keyboard.press('Escape')
  return link
}

describe.skipIf(!chromium)('pictures in the web app', () => {
  test('a picture that one pastes is seen by others, guests too, and after a reload', async ({
    visit: visitBoard,
    annotate,
  }) => {
    const ada = await visitBoard('ada.lovelace@example.com')
    await openNewBoard(ada)
    const link = await createLink(ada)
    const grace = await visitBoard()
    await grace.page.goto(link)
    await grace.page.getByLabel('Your name').fill('Grace')
    await grace.page.getByRole('button', { name: 'Open board' }).click()
    await grace.isTold('Saved')

    expect(await paste(ada)).toBeGreaterThan(1_000_000)
    await sees(ada, 120)
    await ada.isTold('Saved')
    const arrivedAt = performance.now()
    await sees(grace, 120, SEEN_MS + BUSY_MS)
    await annotate(`seen ${Math.round(performance.now() - arrivedAt)} ms after it has arrived`)
    await ada.page.keyboard.press('Escape')
    await picture(ada.page, 'picture')

    await grace.page.reload()
    await sees(grace, 120)
    await paste(grace, { blue: 200 })
    await grace.isTold('Saved')
    await sees(ada, 200, SEEN_MS + BUSY_MS)
    const complaints = [ada, grace].flatMap((visitor) => visitor.complaints)
    // Before she was a guest, she was nobody.
    expect(complaints.filter((complaint) => !complaint.includes('401'))).toEqual([])
  })

  test('pictures are there offline, after a reload too, and what is pasted then is sent later', async ({
    farVisit,
    visit: visitBoard,
    line,
  }) => {
    const ada = await farVisit('ada.lovelace@example.com')
    const url = await openNewBoard(ada)
    const elsewhere = await visitBoard('ada.lovelace@example.com')
    await elsewhere.open(url)
    await paste(elsewhere)
    await elsewhere.isTold('Saved')
    await sees(ada, 120)

    line.refuse()
    await cutFiles(ada.page)
    await ada.page.reload()
    await ada.isTold(/Offline/)
    await sees(ada, 120)
    await paste(ada, { blue: 200 })
    await ada.isTold('Offline: saved to this device')
    await sees(ada, 200)
    await ada.page.reload()
    await ada.isTold('Offline: saved to this device')
    await sees(ada, 200)

    await ada.page.unroute('**/api/boards/*/assets/**')
    line.pass()
    await eventually('the page notices', async () => {
      await ada.page.evaluate("dispatchEvent(new Event('online'))")
      return (await ada.page.locator('.save-state').textContent()) === 'Saved'
    })
    await sees(elsewhere, 200, SEEN_MS + BUSY_MS)
    expect(ada.complaints.filter((complaint) => !HARMLESS.test(complaint))).toEqual([])
  })

  test('one of 5 MB is made smaller, and seen by others and after a reload', async ({
    visit: visitBoard,
  }) => {
    const ada = await visitBoard('ada.lovelace@example.com')
    const url = await openNewBoard(ada)
    const elsewhere = await visitBoard('ada.lovelace@example.com')
    await elsewhere.open(url)
    expect(await paste(ada, { side: 2_880, noisy: 720 })).toBeGreaterThan(5_000_000)
    await sees(ada, 120)
    await ada.isTold('Saved')
    await sees(elsewhere, 120)
    await ada.page.reload()
    await sees(ada, 120)
    for (const { complaints } of [ada, elsewhere]) expect(complaints).toEqual([])
  })

  test('one that is too large is not added, with the reason', async ({ visit: visitBoard }) => {
    const ada = await visitBoard('ada.lovelace@example.com')
    await openNewBoard(ada)
    expect(await paste(ada, { side: 1_600 })).toBeGreaterThan(4 * 1024 * 1024)
    await ada.page.getByText('File is too big').waitFor()
    await ada.page.keyboard.press('Escape')
    await ada.sees(0)
    await ada.isTold('Saved')
    expect(ada.complaints).toEqual([])
  })

  test('one that the API does not take is taken back, with the reason', async ({
    visit: visitBoard,
  }) => {
    const ada = await visitBoard('ada.lovelace@example.com')
    await openNewBoard(ada)
    await ada.page.mouse.move(MIDDLE.x, MIDDLE.y)
    // An icon, which browsers show.
    await ada.page.evaluate(`(async () => {
      const canvas = new OffscreenCanvas(64, 64)
      canvas.getContext('2d').fillRect(0, 0, 64, 64)
      const png = await canvas.convertToBlob({ type: 'image/png' })
      const head = new DataView(new ArrayBuffer(22))
      for (const [at, value] of [[2, 1], [4, 1], [6, 64], [7, 64], [10, 1], [12, 32]])
        head.setUint8(at, value)
      head.setUint32(14, png.size, true)
      head.setUint32(18, 22, true)
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([head, png], 'icon.ico', { type: 'image/x-icon' }))
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }))
    })()`)
    await ada.page.getByText('A picture was not kept').waitFor()
    await ada.sees(0)
    await ada.isTold('Saved')
    expect(ada.complaints.filter((complaint) => !HARMLESS.test(complaint))).toEqual([])
  })

  test('one that is dropped is where it was dropped', async ({ visit: visitBoard }) => {
    const ada = await visitBoard('ada.lovelace@example.com')
    await openNewBoard(ada)
    await ada.page.evaluate(`(async () => {
      const canvas = new OffscreenCanvas(100, 100)
      const context = canvas.getContext('2d')
      context.fillStyle = 'rgb(1, 2, 3)'
      context.fillRect(0, 0, 100, 100)
      const blob = await canvas.convertToBlob({ type: 'image/png' })
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([blob], 'picture.png', { type: blob.type }))
      const place = { clientX: 400, clientY: 500, bubbles: true, cancelable: true, dataTransfer }
      document.querySelector('canvas.interactive').dispatchEvent(new DragEvent('drop', place))
    })()`)
    await eventually('it is drawn', async () => (await ada.colorAt(400, 500)) === '1,2,3')
    expect(await ada.colorAt(600, 400)).not.toBe('1,2,3')
  })
})
