import { describe, expect } from 'vitest'
import { addBoard, picture } from '../support/visitor.ts'
import { chromium, test } from '../support/web-fixtures.ts'

const SIZES = [
  { width: 360, height: 740 },
  { width: 1_440, height: 900 },
]

describe.skipIf(!chromium)('the language of a board page', () => {
  test('is chosen in its menu, for the editor too, and stays', async ({ visit }) => {
    const ada = await visit('ada.lovelace@example.com')
    const { page } = ada
    const editor = page.locator('.excalidraw')
    await addBoard(page, 'Plan')
    await ada.isTold('Saved')
    await page.keyboard.press('r')
    await ada.drag([300, 250], [500, 370])
    await ada.sees(1)

    await page.locator('.main-menu-trigger').click()
    await page.getByText('Present frames').waitFor()
    await page.getByLabel('Language').selectOption('中文')
    await page.getByText('演示画框').waitFor()
    await editor.getByText('帮助', { exact: true }).waitFor()
    await picture(page, 'board-menu-zh')
    await page.keyboard.press('Escape')
    await page.getByRole('radio', { name: '矩形' }).waitFor()
    await ada.isTold('已保存')
    await ada.sees(1)
    await page.getByText('演示画框').waitFor({ state: 'detached' })

    await page.reload()
    await page.getByRole('radio', { name: '矩形' }).waitFor()
    await ada.isTold('已保存')
    expect(await page.evaluate('document.documentElement.lang')).toBe('zh-CN')
    await page.keyboard.press('Shift+O')
    await page.getByRole('tree', { name: '大纲' }).getByText('矩形').waitFor()
    await page.keyboard.press('Enter')
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const size of SIZES) {
        await page.setViewportSize(size)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width)
        await picture(page, `board-zh-${colorScheme}-${size.width}`)
      }
    }
    expect(ada.complaints).toEqual([])
  })
})
