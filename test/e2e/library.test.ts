import { describe, expect } from 'vitest'
import { picture } from '../support/visitor.ts'
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

describe.skipIf(!chromium)('a library', () => {
  test('that is dropped on a board is beside it, and what is taken from it is seen by the other', async ({
    openAs,
    elements,
  }) => {
    const grace = await openAs(GRACE)
    const ada = await openAs(ADA)
    await ada.page.evaluate(`(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([${JSON.stringify(JSON.stringify(LIBRARY))}], 'town.excalidrawlib'))
      const canvas = document.querySelector('canvas.interactive')
      canvas.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))
    })()`)
    await ada.page.locator('.library-unit__dragger:has(svg)').click()
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
})
