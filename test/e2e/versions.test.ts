import type { Locator } from 'playwright-core'
import { describe, expect } from 'vitest'
import { seriousViolations } from '../support/axe.ts'
import { hasFocus, tabTo } from '../support/keyboard.ts'
import { addBoard, picture, type Visitor } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const ADA = 'ada.lovelace@example.com'
const GRACE = 'grace.hopper@example.com'

const test = base
  /** A board of Ada's with a rectangle, which Grace may edit, open for both. */
  .extend('sharedBoard', ({ visit, remotely }) => async () => {
    const ada = await visit(ADA)
    await addBoard(ada.page, 'Engine')
    await ada.isTold('Saved')
    await draw(ada, 'r', 400)
    await ada.sees(1)
    await ada.isTold('Saved')
    const path = new URL(ada.page.url()).pathname
    const { token } = await (await remotely(ADA))('POST', `${path}/invite`, { role: 'editor' })
    await (await remotely(GRACE))('POST', `/invites/${token}/accept`)
    const grace = await visit(GRACE)
    await grace.open(ada.page.url())
    await grace.sees(1)
    return { ada, grace, path }
  })

/** Draws with the tool of a key. */
async function draw({ page, drag }: Visitor, key: string, x: number): Promise<void> {
  await page.keyboard.press(key)
  await drag([x, 300], [x + 120, 420])
}

describe.skipIf(!chromium)('the versions of a board', () => {
  test('are kept, compared and restored, and a restore is undone', async ({ sharedBoard }) => {
    const { ada, grace } = await sharedBoard()
    const { page } = ada
    await page.getByTestId('main-menu-trigger').click()
    await page.getByText('Versions', { exact: true }).click()
    await page.getByRole('heading', { name: 'Versions of' }).waitFor()
    await page.getByRole('button', { name: 'Keep this version' }).press('Enter')
    await page.getByRole('dialog', { name: 'Keep the board as it is now' }).waitFor()
    await page.keyboard.type('First')
    await page.keyboard.press('Enter')
    const versions = page.getByRole('list', { name: 'Versions' })
    await versions.getByRole('button', { name: /^First By .Ada Lovelace., / }).waitFor()

    await draw(grace, 'o', 700)
    await grace.sees(2)
    await grace.isTold('Saved')
    await versions.getByRole('button', { name: /^First By/ }).press('Enter')
    await page.getByLabel('Compare with').selectOption({ label: 'Now' })
    await page.getByRole('status').getByText('1 added').waitFor()
    await page.getByRole('status').getByText('0 removed').waitFor()
    await page.getByRole('region', { name: 'Now' }).locator('canvas').first().waitFor()
    await picture(page, 'versions-compared')

    // By the keyboard alone.
    await page.getByRole('button', { name: 'Restore this version' }).press('Enter')
    const asked = page.getByRole('alertdialog', { name: 'Restore this version?' })
    await asked.getByText('for everyone who has it open').waitFor()
    await asked.getByRole('button', { name: 'Restore' }).press('Enter')
    await grace.sees(1)
    await versions.getByRole('button', { name: /^Before a restore By/ }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).press('Enter')
    await grace.sees(2)

    const changes = page.getByRole('list', { name: 'Who changed it' })
    await changes.getByText('Grace Hopper').first().waitFor()
    await changes.getByText('Ada Lovelace').first().waitFor()
    await page.getByLabel('Changes of').selectOption({ label: 'Grace Hopper' })
    await changes.getByText('Ada Lovelace').first().waitFor({ state: 'detached' })
    await changes.getByText('Grace Hopper').waitFor()
    expect([...ada.complaints, ...grace.complaints]).toEqual([])
  })

  test('are kept, looked at, compared, restored and put back by Tab alone', async ({
    sharedBoard,
    baseUrl,
  }) => {
    const { ada, grace, path } = await sharedBoard()
    const { page } = ada
    const press = async (target: Locator) => {
      await tabTo(target)
      await page.keyboard.press('Enter')
    }
    await page.goto(`${baseUrl}${path}/versions`)
    await page.getByText('No versions yet.').waitFor()
    await press(page.getByRole('button', { name: 'Keep this version' }))
    const name = page.getByRole('dialog').getByLabel('Name')
    await expect.poll(() => hasFocus(name)).toBe(true)
    await page.keyboard.type('First')
    await page.keyboard.press('Enter')
    const first = page.getByRole('button', { name: /^First By/ })
    await first.waitFor()
    await draw(grace, 'o', 700)
    await grace.isTold('Saved')
    await press(first)
    await tabTo(page.getByLabel('Compare with'))
    await page.keyboard.type('Now')
    await page.getByRole('status').getByText('1 added').waitFor()
    await press(page.getByRole('button', { name: 'Restore this version' }))
    const asked = page.getByRole('alertdialog', { name: 'Restore this version?' })
    await press(asked.getByRole('button', { name: 'Restore' }))
    await grace.sees(1)
    await press(page.getByRole('button', { name: 'Undo' }))
    await grace.sees(2)
  })

  test('are in Chinese and dark for who wants it, at every size', async ({
    sharedBoard,
    remotely,
    baseUrl,
  }) => {
    const { ada, path } = await sharedBoard()
    const { page } = ada
    const { id } = await (await remotely(ADA))('POST', `${path}/versions`, { name: 'First' })
    await draw(ada, 'o', 700)
    await ada.isTold('Saved')
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto(`${baseUrl}${path}/versions?look=${id}&with=now`)
    await page.getByRole('status').getByText('1 added').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitemradio', { name: 'Dark' }).click()
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitemradio', { name: '中文' }).click()
    await page.getByRole('status').getByText('新增 1 项').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    for (const width of [360, 1_440]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      await picture(page, `versions-${width}`)
    }
    await page.goto(`${baseUrl}${path}`)
    await page.getByRole('button', { name: '共享' }).click()
    await page.getByText('Grace Hopper').waitFor()
    for (const width of [360, 1_440]) {
      await page.setViewportSize({ width, height: 900 })
      await picture(page, `share-${width}`)
    }
    expect(await seriousViolations(page)).toEqual([])
  })
})
