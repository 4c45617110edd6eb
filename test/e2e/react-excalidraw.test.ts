import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { drawWith, EXAMPLE_TIMEOUT_MS, isDrawnAt, test } from '../support/excalidraw-fixtures.ts'
import { chromium } from '../support/web-fixtures.ts'

describe.skipIf(!chromium)('the example', { timeout: EXAMPLE_TIMEOUT_MS }, () => {
  test('holds no address of a CDN, and has fonts of its own', async ({ dist }) => {
    const files = await readdir(dist, { recursive: true })
    expect(
      files.filter((file) => /^assets\/excalidraw-[^/]+\/fonts\//.test(file)).length,
    ).toBeGreaterThan(200)
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      expect(await readFile(join(dist, file), 'utf8')).not.toContain('esm.sh')
    }
  })

  test('shows one what the other draws, once the pointer is up, and nothing is refused', async ({
    openAs,
    elements,
    board,
  }) => {
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    let edits = 0
    board.doc.on('update', () => edits++)
    await drawWith(ada.page, 'r', [300, 300], [500, 420])
    await expect.poll(() => isDrawnAt(alan.page, 300, 360)).toBe(true)
    expect(edits).toBe(1)
    expect(elements()).toMatchObject([{ type: 'rectangle', width: 200, height: 120 }])
    await ada.page.getByText('Saved', { exact: true }).waitFor()

    await ada.page.keyboard.press('Control+z')
    await expect.poll(elements).toEqual([])
    await ada.page.keyboard.press('Control+Shift+z')
    await expect.poll(() => elements().length).toBe(1)
    // What Ada drew is not Alan's to undo.
    await alan.page.mouse.click(1_000, 650)
    await alan.page.keyboard.press('Control+z')
    await drawWith(alan.page, 'o', [700, 300], [800, 400])
    await expect.poll(() => elements().length).toBe(2)
    for (const { complaints, requested } of [ada, alan]) {
      expect(complaints).toEqual([])
      expect(
        requested.filter((url) => !/^(http|ws):\/\/localhost:|^(data|blob):/.test(url)),
      ).toEqual([])
    }
  })
})
