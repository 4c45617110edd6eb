import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { addBoard, picture, type Visitor } from '../support/visitor.ts'
import { chromium } from '../support/web-fixtures.ts'
import { ADA, GRACE, hasDrawn, test } from '../support/whiteboard-fixtures.ts'

/** A file of Excalidraw's library, which holds no pictures. */
const LIBRARY = {
  type: 'excalidrawlib',
  version: 2,
  libraryItems: [
    {
      id: 'house',
      status: 'published',
      created: 1,
      elements: [
        { id: 'wall', type: 'rectangle', x: 0, y: 60, width: 120, height: 80, groupIds: ['house'] },
        { id: 'roof', type: 'diamond', x: 0, y: 0, width: 120, height: 120, groupIds: ['house'] },
      ],
    },
  ],
}

/** Drops a library on the board, which opens beside it. */
async function drop({ page }: Visitor): Promise<void> {
  await page.evaluate(`(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([${JSON.stringify(JSON.stringify(LIBRARY))}], 'town.excalidrawlib'))
    const canvas = document.querySelector('canvas.interactive')
    canvas.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))
  })()`)
  await units(page).waitFor()
}

const openLibrary = (page: Page) => page.getByTitle('Library').first().click()

const units = (page: Page) => page.locator('.library-unit__dragger:has(svg)')

describe.skipIf(!chromium)('a library', () => {
  test('that is dropped on a board is beside it, and what is taken from it is seen by the other', async ({
    openAs,
    elements,
  }) => {
    const grace = await openAs(GRACE)
    const ada = await openAs(ADA)
    await drop(ada)
    await units(ada.page).click()
    const types = () =>
      elements()
        .map(({ type }) => type)
        .sort()
    await expect.poll(types).toEqual(['diamond', 'rectangle'])
    for (const element of elements()) {
      await expect.poll(() => hasDrawn(grace, element)).toBe(true)
    }
    await picture(ada.page, 'library')
    for (const { complaints } of [ada, grace]) expect(complaints).toEqual([])
  })

  test('is there after a reload, and on other boards, until its owner signs out', async ({
    openAs,
    baseUrl,
  }) => {
    const ada = await openAs(ADA)
    await drop(ada)
    await ada.page.reload()
    await ada.isTold('Saved')
    await openLibrary(ada.page)
    await units(ada.page).waitFor()

    await ada.page.goto(baseUrl)
    await addBoard(ada.page)
    await openLibrary(ada.page)
    await units(ada.page).waitFor()
    await ada.page.locator('.library-menu-dropdown-container .dropdown-menu-button').click()
    const download = ada.page.waitForEvent('download')
    await ada.page.getByTestId('lib-dropdown--export').click()
    const exported = JSON.parse(await readFile(await (await download).path(), 'utf8'))
    expect(exported).toMatchObject({ type: 'excalidrawlib', libraryItems: [{ id: 'house' }] })

    await ada.page.goto(baseUrl)
    await ada.page.getByRole('button', { name: 'Account' }).click()
    await ada.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await ada.page.getByRole('link', { name: 'Sign in' }).first().waitFor()
    const databases = await ada.page.evaluate('indexedDB.databases()')
    expect(databases).toEqual([])
    await ada.page.goto(`${baseUrl}/api/auth/google?login_hint=${encodeURIComponent(ADA)}`)
    await addBoard(ada.page)
    await openLibrary(ada.page)
    await ada.page.getByText('No items added yet').waitFor()
    // Once she has signed out.
    expect(ada.complaints.filter((complaint) => !complaint.includes('401'))).toEqual([])
  })

  test('of another site is not loaded, which the page says', async ({ openAs }) => {
    const ada = await openAs(ADA)
    const asked: string[] = []
    ada.page.on('request', (request) => asked.push(new URL(request.url()).host))
    const { host } = new URL(ada.page.url())
    const library = `addLibrary=${encodeURIComponent('https://libraries.excalidraw.com/a.excalidrawlib')}`
    await ada.page.evaluate(`location.hash = ${JSON.stringify(library)}`)
    await ada.page.getByText('Libraries of other sites are not loaded').waitFor()
    expect(new URL(ada.page.url()).hash).toBe('')
    await ada.page.goto(`${ada.page.url()}?${library}`)
    await ada.page.getByText('Libraries of other sites are not loaded').waitFor()
    expect(ada.page.url()).not.toContain('addLibrary')
    expect(new Set(asked)).toEqual(new Set([host]))
    expect(ada.complaints).toEqual([])
  })
})
