import { describe, expect } from 'vitest'
import { addBoard, picture } from '../support/visitor.ts'
import { chromium, testWith } from '../support/web-fixtures.ts'

const test = testWith({ ADMIN_EMAILS: 'root@example.com, Operator@example.com' })

describe.skipIf(!chromium)('the page of operators', () => {
  test('shows an administrator what runs and how busy it is, and changes by itself', async ({
    visit,
  }) => {
    const drawing = await visit('ada@example.com')
    await addBoard(drawing.page)
    await drawing.isTold('Saved')

    const { page, complaints } = await visit('operator@example.com')
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Operations' }).click()
    const row = (table: string) => page.getByRole('table', { name: table }).locator('tbody tr')
    const connections = page.locator('.figures div', { hasText: 'Connections' }).locator('dd')
    await row('Gateways').filter({ hasText: 'Ready' }).waitFor()
    await row('APIs').filter({ hasText: 'Ready' }).waitFor()
    // Of each page, its board and its channels.
    await expect.poll(() => connections.textContent()).toBe('2')
    await picture(page, 'operations')

    const reader = await drawing.context.newPage()
    await reader.goto(drawing.page.url())
    await expect.poll(() => connections.textContent()).toBe('4')
    expect(complaints).toEqual([])
  })

  test('is not there for anybody else', async ({ visit, baseUrl }) => {
    const { page } = await visit('curious@example.com')
    await page.getByRole('button', { name: 'Account' }).click()
    expect(await page.getByRole('menuitem', { name: 'Operations' }).count()).toBe(0)
    await page.goto(`${baseUrl}/operations`)
    await page.getByRole('heading', { name: 'Page not found' }).waitFor()
  })
})
