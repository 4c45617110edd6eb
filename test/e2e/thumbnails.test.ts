import { signIn } from '@mindfuse/testing'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { setThumbnail } from '../support/files.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const EMAIL = 'ada.lovelace@example.com'
const RED =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC'
const BLUE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC'

/** Longer than an address lasts, milliseconds. */
const LATER_MS = 20 * 60_000

const test = base
  .extend('call', { scope: 'file' }, ({ remotely }) => remotely(EMAIL))
  .extend('token', { scope: 'file' }, async ({ baseUrl }) => {
    return (await signIn(baseUrl, EMAIL)).accessToken
  })
  .extend('set', { scope: 'file' }, ({ baseUrl, token }) => async (id: string, base64: string) => {
    const bytes = Buffer.from(base64, 'base64')
    await setThumbnail({ apiUrl: baseUrl }, { accessToken: token }, id, bytes)
  })
  /** Creates a board in a workspace of its own. @returns its id, and the path of its list */
  .extend('newBoard', { scope: 'file' }, ({ call }) => async (name: string) => {
    const workspace = await call('POST', '/workspaces', { name })
    const { id } = await call('POST', `/workspaces/${workspace.id}/boards`, { name })
    return { id: id as string, list: `/workspaces/${workspace.id}` }
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

describe.skipIf(!chromium)('thumbnails', () => {
  test('are in lists and in the trash, of copies too, and change while the list is open', async ({
    baseUrl,
    call,
    newBoard,
    set,
    visit,
  }) => {
    const { id, list } = await newBoard('Plan')
    const { page, complaints } = await visit(EMAIL)
    await page.goto(baseUrl + list)
    await card(page, 'Plan').locator('span.thumbnail').waitFor()
    await set(id, RED)
    expect(await colorOf(page, 'Plan')).toBe('255,0,0')
    await call('POST', `/boards/${id}/duplicate`, { name: 'Copy' })
    expect(await colorOf(page, 'Copy')).toBe('255,0,0')

    await set(id, BLUE)
    await call('DELETE', `/boards/${id}`)
    await page.goto(`${baseUrl}${list}/trash`)
    expect(await colorOf(page, 'Plan')).toBe('0,0,255')
    expect(complaints).toEqual([])
  })

  test('of other hosts are not loaded', async ({ baseUrl, call, newBoard, visit }) => {
    const { id, list } = await newBoard('Linked')
    await call('PATCH', `/boards/${id}`, { thumbnailUrl: `https://elsewhere.example/1.png` })
    const { page, complaints } = await visit(EMAIL)
    await page.goto(baseUrl + list)
    await card(page, 'Linked').locator('span.thumbnail').waitFor()
    expect(complaints).toEqual([])
  })

  test('whose address has ended are looked up again', async ({ baseUrl, newBoard, set, visit }) => {
    const { id, list } = await newBoard('Kept open')
    await set(id, RED)
    const { page } = await visit(EMAIL)
    let requests = 0
    await page.route(`**/api/boards/${id}/thumbnail/**`, (route) =>
      requests++ === 0 ? route.fulfill({ status: 403 }) : route.continue(),
    )
    await page.clock.setFixedTime(Date.now() + LATER_MS)
    await page.goto(baseUrl + list)
    // The first picture cannot be decoded.
    const color = () => colorOf(page, 'Kept open').catch(() => undefined)
    await expect.poll(color).toBe('255,0,0')
    expect(requests).toBe(2)
  })
})
