import { eventually, signIn } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { setThumbnail } from '../support/files.ts'
import { picture } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const EMAIL = 'ada.lovelace@example.com'
const RED =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'
const BLUE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC'

/** Longer than an address lasts, milliseconds. */
const LATER_MS = 20 * 60_000

/** Counts in a page the pictures that are drawn for lists. */
const COUNT_PICTURES = `{
  globalThis.pictures = 0
  const { toBlob } = HTMLCanvasElement.prototype
  HTMLCanvasElement.prototype.toBlob = function (done, ...rest) {
    toBlob.call(this, (blob) => (done(blob), pictures++), ...rest)
  }
}`

const test = base
  .extend('call', { scope: 'file' }, ({ remotely }) => remotely(EMAIL))
  .extend('token', { scope: 'file' }, async ({ baseUrl }) => {
    return (await signIn(baseUrl, EMAIL)).accessToken
  })
  .extend('set', { scope: 'file' }, ({ baseUrl, token }) => async (id: string, base64: string) => {
    const bytes = Buffer.from(base64, 'base64')
    await setThumbnail({ apiUrl: baseUrl }, { accessToken: token }, id, bytes)
  })
  /** Her personal workspace, whose boards are listed at `/`. */
  .extend('workspaceId', { scope: 'file' }, async ({ call }) => {
    const { items } = await call('GET', '/workspaces')
    return items.find(({ type }: { type: string }) => type === 'personal').id as string
  })
  /** Creates a board. @returns its id */
  .extend('newBoard', { scope: 'file' }, ({ call, workspaceId }) => async (name: string) => {
    return (await call('POST', `/workspaces/${workspaceId}/boards`, { name })).id as string
  })

const card = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })

/** The colour of a board's thumbnail in a list, scaled to one pixel. */
function colorOf(page: Page, name: string): Promise<string> {
  const image = card(page, name).locator('img.thumbnail')
  return image.evaluate(async (element: any) => {
    await element.decode()
    const { document } = globalThis as any
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
    const context = canvas.getContext('2d')
    context.drawImage(element, 0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).join()
  })
}

/** How many pixels of a board's thumbnail in a list are not of its background. */
function inkOf(page: Page, name: string): Promise<number> {
  const image = card(page, name).locator('img.thumbnail')
  return image.evaluate(async (element: any) => {
    await element.decode()
    const { naturalWidth: width, naturalHeight: height } = element
    const { document } = globalThis as any
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d')
    context.drawImage(element, 0, 0)
    const { data } = context.getImageData(0, 0, width, height)
    let ink = 0
    for (let i = 0; i < data.length; i += 4) if (data[i] < 200) ink++
    return ink
  })
}

describe.skipIf(!chromium)('thumbnails', () => {
  test('are in lists and in the trash, of copies too, and change while the list is open', async ({
    baseUrl,
    call,
    newBoard,
    set,
    visit,
    workspaceId,
  }) => {
    const id = await newBoard('Plan')
    const { page, complaints } = await visit(EMAIL)
    await page.goto(baseUrl)
    await card(page, 'Plan').locator('span.thumbnail').waitFor()
    await set(id, RED)
    expect(await colorOf(page, 'Plan')).toBe('255,0,0')
    await call('POST', `/boards/${id}/duplicate`, { name: 'Copy' })
    expect(await colorOf(page, 'Copy')).toBe('255,0,0')

    await set(id, BLUE)
    await call('DELETE', `/boards/${id}`)
    await page.goto(`${baseUrl}/workspaces/${workspaceId}/trash`)
    expect(await colorOf(page, 'Plan')).toBe('0,0,255')
    expect(complaints).toEqual([])
  })

  test('of other hosts are not loaded', async ({ baseUrl, call, newBoard, visit }) => {
    const id = await newBoard('Linked')
    await call('PATCH', `/boards/${id}`, { thumbnailUrl: `https://elsewhere.example/1.png` })
    const { page, complaints } = await visit(EMAIL)
    await page.goto(baseUrl)
    await card(page, 'Linked').locator('span.thumbnail').waitFor()
    expect(complaints).toEqual([])
  })

  test('whose address has ended are looked up again', async ({ baseUrl, newBoard, set, visit }) => {
    const id = await newBoard('Kept open')
    await set(id, RED)
    const { page } = await visit(EMAIL)
    let requests = 0
    await page.route(`**/api/boards/${id}/thumbnail/**`, (route) =>
      requests++ === 0 ? route.fulfill({ status: 403 }) : route.continue(),
    )
    await page.clock.setFixedTime(Date.now() + LATER_MS)
    await page.goto(baseUrl)
    await eventually('it is looked up again', () => requests === 2)
    expect(await colorOf(page, 'Kept open')).toBe('255,0,0')
    expect(requests).toBe(2)
  })

  test('are drawn of a board that has none as soon as an editor opens it', async ({
    baseUrl,
    call,
    newBoard,
    visit,
  }) => {
    const id = await newBoard('Restored')
    const ada = await visit(EMAIL)
    await ada.open(`${baseUrl}/boards/${id}`)
    const sent = ada.page.waitForResponse((answer) => answer.url().endsWith('/thumbnail'))
    await ada.page.mouse.click(100, 650)
    await ada.page.keyboard.press('r')
    await ada.drag([300, 300], [450, 400])
    await sent
    await ada.page.goto(baseUrl)
    await call('DELETE', `/boards/${id}/thumbnail`)
    await ada.open(`${baseUrl}/boards/${id}`)
    await eventually(
      'it has one again',
      async () => (await call('GET', `/boards/${id}`)).thumbnailUrl !== null,
    )
  })

  test('are of what was drawn last, however the board is left', async ({
    baseUrl,
    call,
    newBoard,
    visit,
  }) => {
    const id = await newBoard('Drawn')
    const ada = await visit(EMAIL)
    const { page } = ada
    await page.addInitScript(COUNT_PICTURES)
    const drawn = () => page.evaluate('pictures') as Promise<number>
    const kept = async () => (await call('GET', `/boards/${id}`)).thumbnailUrl?.split('?')[0]
    let rectangles = 0
    const drawRectangle = async () => {
      await page.mouse.click(100, 650)
      await page.keyboard.press('r')
      const x = 300 * ++rectangles
      await ada.drag([x, 300], [x + 150, 400])
      await ada.sees(rectangles)
    }
    /** Where the picture is that the list shows. */
    const listed = async () => {
      const src = await card(page, 'Drawn').locator('img.thumbnail').getAttribute('src')
      return src?.split('?')[0]
    }

    await ada.open(`${baseUrl}/boards/${id}`)
    const sent = page.waitForResponse((answer) => answer.url().endsWith('/thumbnail'))
    await drawRectangle()
    await sent
    const first = await kept()
    const pictures = await drawn()
    await drawRectangle()
    await eventually('it is drawn', async () => (await drawn()) > pictures)
    expect(await kept()).toBe(first)
    await page.goto('about:blank')
    await eventually('it is kept', async () => (await kept()) !== first)
    await page.goto(baseUrl)
    const second = await kept()
    expect(await listed()).toBe(second)
    expect(await inkOf(page, 'Drawn')).toBeGreaterThan(500)
    await picture(page, 'thumbnail')

    // Nothing is drawn ahead here: the page goes on, and the list follows.
    await card(page, 'Drawn').getByRole('link').click()
    await ada.sees(2)
    await drawRectangle()
    await page.getByRole('link', { name: 'All boards' }).click()
    await eventually('the list has another', async () => (await listed()) !== second)
    expect(await listed()).toBe(await kept())
    expect(await inkOf(page, 'Drawn')).toBeGreaterThan(500)

    await card(page, 'Drawn').getByRole('link').click()
    await ada.sees(3)
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Delete')
    await ada.sees(0)
    await page.getByRole('link', { name: 'All boards' }).click()
    await card(page, 'Drawn').locator('span.thumbnail').waitFor()
    expect(await kept()).toBeUndefined()
    expect(ada.complaints).toEqual([])
  })
})
