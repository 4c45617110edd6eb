import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { seriousViolations } from '../support/axe.ts'
import { cuttableLine } from '../support/cuttable-line.ts'
import { paste, sees } from '../support/pasted-pictures.ts'
import { addBoard, picture } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const ADA = 'ada.lovelace@example.com'
const GRACE = 'grace.hopper@example.com'

const names = (page: Page) => page.locator('.card-name').allTextContents()
const open = (page: Page, button: string) =>
  page.getByRole('button', { name: button, exact: true }).click()

/** Sums up in a global by how much what is on the page moves by itself. */
const SUM_OF_SHIFTS = `
  globalThis.shifts = 0
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) globalThis.shifts += value
  }).observe({ type: 'layout-shift', buffered: true })`

const test = base
  .extend('ada', { scope: 'file' }, ({ remotely }) => remotely(ADA))
  /** A workspace with boards of these names, the last one the newest. @returns the path of its list */
  .extend('boards', { scope: 'file' }, ({ ada }) => async (...boards: string[]) => {
    const { id } = await ada('POST', '/workspaces', { name: 'Engines' })
    for (const name of boards) await ada('POST', `/workspaces/${id}/boards`, { name })
    return `/workspaces/${id}`
  })

describe.skipIf(!chromium)('the list of boards', () => {
  test('is searched, sorted and narrowed by its address', async ({ visit, baseUrl, boards }) => {
    const list = await boards('Plan 10', 'Plan 9', 'Café ideas')
    const { page, complaints } = await visit(ADA)
    await page.goto(`${baseUrl}${list}?sort=name`)
    await expect.poll(() => names(page)).toEqual(['Café ideas', 'Plan 9', 'Plan 10'])
    await page.keyboard.press('Slash')
    await page.keyboard.type('cafe')
    await expect.poll(() => names(page)).toEqual(['Café ideas'])
    expect(page.url()).toBe(`${baseUrl}${list}?q=cafe&sort=name`)
    await page.getByRole('status').getByText('1 board').waitFor()

    await page.reload()
    await expect.poll(() => names(page)).toEqual(['Café ideas'])
    await page.getByRole('link', { name: 'Café ideas' }).click()
    await page.waitForURL('**/boards/*')
    await page.goBack()
    await expect.poll(() => names(page)).toEqual(['Café ideas'])

    await page.getByLabel('Show', { exact: true }).selectOption({ label: 'Created by others' })
    await page.getByText('No board matches this search.').waitFor()
    await open(page, 'Show all boards')
    await page.getByLabel('Sort').selectOption({ label: 'Newest' })
    await expect.poll(() => names(page)).toEqual(['Café ideas', 'Plan 9', 'Plan 10'])
    expect(page.url()).toBe(`${baseUrl}${list}?sort=created`)
    expect(complaints).toEqual([])
  })

  test('finds boards that the list of a stream has no room for', async ({
    visit,
    baseUrl,
    ada,
    boards,
  }) => {
    const list = await boards('Needle', 'Straw')
    const { items } = await ada('GET', `${list}/boards`)
    const straw = items.find(({ name }: { name: string }) => name === 'Straw')
    const stack = Array.from({ length: 1_000 }, (_, i) => ({ ...straw, id: `${straw.id}-${i}` }))
    const { page } = await visit(ADA)
    await page.route('**/api/events*', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: `event: boards:initial\ndata: ${JSON.stringify({ items: stack })}\n\n`,
      }),
    )
    await page.goto(baseUrl + list)
    await expect.poll(() => names(page)).toHaveLength(60)
    await page.getByLabel('Search boards').fill('needle')
    await expect.poll(() => names(page)).toEqual(['Needle'])
  })

  test('is used by the keyboard alone: a board is named, trashed and taken back', async ({
    visit,
    baseUrl,
    boards,
  }) => {
    const list = await boards()
    const { page, complaints } = await visit(ADA)
    await page.goto(baseUrl + list)
    await page.getByRole('button', { name: 'Create your first board' }).press('Enter')
    await page.getByRole('dialog', { name: 'New board' }).waitFor()
    // A name of spaces is none, and the dialog says so.
    await page.keyboard.type('  ')
    await page.keyboard.press('Enter')
    await page.locator('.field .problem').waitFor()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('By hand')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/boards/*')
    await page.goto(baseUrl + list)

    const focused = (text: string) =>
      expect
        .poll(() =>
          page.evaluate<string>(
            'document.activeElement.getAttribute("aria-label") || document.activeElement.textContent',
          ),
        )
        .toBe(text)
    await page.getByRole('link', { name: 'By hand' }).focus()
    await page.keyboard.press('Tab')
    await focused('More actions for By hand')
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('Escape')
    await focused('More actions for By hand')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('menu').waitFor()
    // By its first letters.
    await page.keyboard.type('mo')
    await focused('Move to trash')
    await page.keyboard.press('Enter')
    await page.getByText('“\u2068By hand\u2069” was moved to the trash').waitFor()
    await expect.poll(() => names(page)).toEqual([])
    await page.getByRole('button', { name: 'Undo' }).press('Enter')
    await expect.poll(() => names(page)).toEqual(['By hand'])
    expect(complaints).toEqual([])
  })

  test('says who shares a board, and follows what they call it', async ({
    visit,
    remotely,
    ada,
    boards,
    baseUrl,
  }) => {
    const list = await boards('Notes')
    const [{ id }] = (await ada('GET', `${list}/boards`)).items
    const { token } = await ada('POST', `/boards/${id}/invite`, { role: 'viewer' })
    await (await remotely(GRACE))('POST', `/invites/${token}/accept`)
    const { page } = await visit(GRACE)
    await page.getByRole('heading', { name: 'Shared with you' }).waitFor()
    await page.getByText(/^From Ada Lovelace\./).waitFor()
    await ada('PATCH', `/boards/${id}`, { name: 'Notes of Ada' })
    await expect.poll(() => names(page)).toEqual(['Notes of Ada'])
    // What she may do with it is all that the menu has.
    await open(page, 'More actions for Notes of Ada')
    await expect.poll(() => page.getByRole('menuitem').allTextContents()).toEqual(['Leave'])
    await page.goto(`${baseUrl}/?show=mine`)
    await page.getByText('No board matches this search.').waitFor()
  })

  test('marks changes that wait on this device, a picture among them, and sends them', async ({
    visit,
    baseUrl,
    gatewayUrl,
    boards,
  }) => {
    const list = await boards()
    const ada = await visit(ADA)
    const line = await cuttableLine(ada.context, gatewayUrl)
    await ada.page.goto(baseUrl + list)
    await addBoard(ada.page, 'Kept')
    const board = ada.page.url()
    await ada.isTold('Saved')
    line.cut()
    await ada.isTold(/Offline/)
    await ada.page.keyboard.press('p')
    await ada.drag([280, 300], [360, 600])
    await ada.sees(1)
    await paste(ada)
    await sees(ada, 120)
    await ada.isTold('Offline: saved to this device')
    await ada.page.close()

    ada.page = await ada.context.newPage()
    const { page } = ada
    await page.goto(baseUrl + list)
    const mark = page.getByText(/Changes on this device|Sending changes/)
    await mark.waitFor()
    await picture(page, 'unsent')
    // Signing out would lose them.
    await open(page, 'Account')
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    const asked = page.getByRole('alertdialog', { name: 'Sign out?' })
    await asked.getByText('Kept').waitFor()
    await asked.getByRole('button', { name: 'Cancel' }).click()

    line.pass()
    await page.reload()
    await mark.waitFor({ state: 'detached' })
    const elsewhere = await visit(ADA)
    await elsewhere.open(board)
    await elsewhere.sees(2)
    await picture(elsewhere.page, 'unsent-sent')
    await sees(elsewhere, 120)
    await open(page, 'Account')
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
  })

  test('is in Chinese and dark for who wants it, at every size, and nothing keeps anybody out', async ({
    visit,
    baseUrl,
    boards,
  }) => {
    const list = await boards('Plan', 'لوحة', '白板')
    const { page, complaints } = await visit(ADA, { viewport: { width: 360, height: 740 } })
    await page.addInitScript(SUM_OF_SHIFTS)
    await page.goto(baseUrl + list)
    await expect.poll(() => names(page)).toHaveLength(3)
    expect(await page.evaluate('shifts')).toBeLessThan(0.01)
    expect(await seriousViolations(page)).toEqual([])
    await open(page, 'Account')
    await page.getByRole('menuitemradio', { name: 'Dark' }).click()
    await page.getByRole('menu').waitFor({ state: 'detached' })
    expect(await seriousViolations(page)).toEqual([])
    await open(page, 'Account')
    await page.getByRole('menuitemradio', { name: '中文' }).click()
    await page.getByRole('button', { name: '新建白板' }).click()
    await page.getByRole('dialog', { name: '新建白板' }).waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await page.keyboard.press('Escape')

    // Both are chosen on this device.
    await page.reload()
    await page.getByRole('heading', { name: 'Engines' }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh')
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe(
      'dark',
    )
    for (const width of [360, 768, 1_440, 2_560]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      await picture(page, `boards-${width}`)
    }
    expect(complaints).toEqual([])
  })
})
