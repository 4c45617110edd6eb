import { type ElementInput, readScene, writeElements } from '@mindfuse/scene'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { holdAndMove } from '../support/drag.ts'
import {
  drawWith,
  EXAMPLE_TIMEOUT_MS,
  isDrawnAt,
  test,
  trails,
} from '../support/excalidraw-fixtures.ts'
import { chromium } from '../support/web-fixtures.ts'

const rectangle = (id: string, x: number, y: number): ElementInput => ({
  id,
  type: 'rectangle',
  x,
  y,
  width: 120,
  height: 80,
  backgroundColor: '#a5d8ff',
  fillStyle: 'solid',
})

/** What no editor draws, but any program may write. */
const ODD: ElementInput[] = [
  { ...rectangle('tiny', 5, 5), width: 0, height: 0 },
  { ...rectangle('far', 1e9, -1e9), width: 1e9, height: 1e9 },
  { ...rectangle('backwards', 900, 600), width: -50, height: -50, angle: 100 },
  { ...rectangle('in itself', 800, 500), type: 'frame', frameId: 'in itself' },
  { ...rectangle('grouped', 700, 500), groupIds: Array.from({ length: 50 }, (_, i) => `${i}`) },
  { id: 'dot', type: 'freedraw', x: 650, y: 500, points: [[0, 0]] },
  {
    ...{
      id: 'to itself',
      type: 'arrow',
      x: 600,
      y: 550,
      points: [
        [0, 0],
        [30, 30],
      ],
    },
    startBinding: { elementId: 'to itself', focus: 0, gap: 0 },
    endBinding: { elementId: 'nowhere', focus: 5, gap: -5 },
  },
  { id: 'of itself', type: 'text', x: 550, y: 600, originalText: 'odd', containerId: 'of itself' },
  { ...rectangle('script', 500, 600), type: 'embeddable', link: 'https://example.com/' },
  { ...rectangle('nothing', 400, 600), type: 'image', fileId: 'nothing' },
]

describe.skipIf(!chromium)('on two screens, Excalidraw', { timeout: EXAMPLE_TIMEOUT_MS }, () => {
  test('shows a stroke as it is drawn, and writes it once', async ({ openAs, elements, board }) => {
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    await ada.page.mouse.click(1_000, 650)
    await ada.page.keyboard.press('p')
    await ada.page.mouse.move(300, 300)
    await ada.page.mouse.down()
    await ada.page.mouse.move(500, 300, { steps: 20 })
    await expect.poll(() => isDrawnAt(alan.page, 480, 300)).toBe(true)
    await ada.page.mouse.move(500, 500, { steps: 20 })
    await expect.poll(() => isDrawnAt(alan.page, 500, 480)).toBe(true)
    let edits = 0
    board.doc.on('update', () => edits++)
    await ada.page.mouse.up()
    await expect.poll(() => edits).toBe(1)
    expect(elements()).toMatchObject([{ type: 'freedraw', points: { length: expect.any(Number) } }])
    await expect.poll(() => board.drafts.others().size).toBe(0)
    expect(await isDrawnAt(alan.page, 500, 480)).toBe(true)
    // Nobody else writes it, or shows it twice.
    await drawWith(alan.page, 'r', [700, 300], [800, 400])
    await expect.poll(() => elements().length).toBe(2)
  })

  test('shows where one points with the laser, and keeps nothing of it', async ({
    openAs,
    board,
  }) => {
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    let edits = 0
    board.doc.on('update', () => edits++)
    await ada.page.mouse.click(1_000, 650)
    await ada.page.keyboard.press('k')
    await ada.page.mouse.move(300, 300)
    await ada.page.mouse.down()
    let x = 300
    // A trail fades within a second, so it has to go on while it is looked for.
    await expect
      .poll(async () => {
        x = x === 300 ? 700 : 300
        await ada.page.mouse.move(x, 300, { steps: 10 })
        return trails(alan.page)
      })
      .toEqual([expect.stringMatching(/^M[\d.]+/)])
    await ada.page.mouse.up()
    await expect.poll(() => trails(alan.page)).toEqual([])
    expect(edits).toBe(0)
    expect(alan.complaints).toEqual([])
  })

  test('moves a bound arrow with what it is bound to, for both people', async ({
    openAs,
    elements,
    board,
  }) => {
    board.edit((doc) => writeElements(doc, [rectangle('a', 200, 300), rectangle('b', 600, 300)]))
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    const arrow = () => elements().find(({ type }) => type === 'arrow')
    await drawWith(ada.page, 'a', [330, 340], [590, 340])
    await expect.poll(arrow).toMatchObject({
      startBinding: { elementId: 'a' },
      endBinding: { elementId: 'b' },
    })
    const before = arrow()?.points.at(-1)
    await expect.poll(() => isDrawnAt(alan.page, 450, 340)).toBe(true)
    await drawWith(alan.page, 'v', [660, 340], [660, 540])
    await expect.poll(() => elements().find(({ id }) => id === 'b')?.y).toBeGreaterThan(450)
    await expect.poll(() => arrow()?.points.at(-1)[1] - before[1]).toBeGreaterThan(100)
    expect(arrow()).toMatchObject({ endBinding: { elementId: 'b' } })
  })

  test('shows a board from before Excalidraw, and takes over what is moved', async ({
    openAs,
    elements,
    board,
  }) => {
    const shapes = board.doc.getMap<Y.Map<unknown>>('shapes')
    const common = { type: 'sticky', y: 300, w: 120, h: 80, color: 'blue' }
    board.edit(() => {
      for (const [i, id] of ['one', 'two'].entries()) {
        const text = new Y.Text(`note ${id}`)
        const shape = { ...common, x: 300 + 300 * i, order: `a${i}`, text }
        shapes.set(id, new Y.Map<unknown>(Object.entries(shape)))
      }
    })
    const { page } = await openAs('ada@example.com')
    await expect.poll(() => isDrawnAt(page, 360, 340)).toBe(true)
    expect([shapes.size, board.doc.getMap('elements').size]).toEqual([2, 0])
    await drawWith(page, 'v', [310, 310], [310, 510])
    await expect.poll(() => elements().find(({ id }) => id === 'one')?.y).toBeGreaterThan(450)
    expect(elements().map(({ id, y }) => [id, y > 450])).toEqual([
      ['one', true],
      ['one-text', true],
      ['two', false],
      ['two-text', false],
    ])
    expect([...shapes.keys()]).toEqual(['two'])
  })

  test('takes back what a person was moving when they became a viewer, and says so', async ({
    openAs,
    elements,
    board,
    remotely,
    boardId,
  }) => {
    board.edit((doc) => writeElements(doc, [rectangle('a', 300, 300)]))
    const { page } = await openAs('alan@example.com')
    await expect.poll(() => isDrawnAt(page, 360, 340)).toBe(true)
    await holdAndMove(page, [360, 340], [660, 540])
    await expect.poll(() => isDrawnAt(page, 660, 540)).toBe(true)
    const others = () => board.presence.others.map(({ user, cursor }) => [user.name, cursor])
    await expect
      .poll(others)
      .toEqual([['Alan', expect.objectContaining({ x: expect.any(Number) })]])

    const ada = await remotely('ada@example.com')
    const alan = await remotely('alan@example.com')
    const { id } = await alan('GET', '/auth/me')
    await ada('PUT', `/boards/${boardId}/members/${id}`, { role: 'viewer' })
    await page.getByText('you cannot edit this board').waitFor()
    await page.mouse.up()
    await expect.poll(() => isDrawnAt(page, 660, 540)).toBe(false)
    expect(await isDrawnAt(page, 360, 340)).toBe(true)
    expect(elements()).toMatchObject([{ x: 300, y: 300 }])
  })

  test('keeps what two people type into one text at a time', async ({
    openAs,
    elements,
    board,
  }) => {
    const text = {
      id: 'text',
      type: 'text',
      x: 300,
      y: 300,
      width: 200,
      height: 25,
      text: 'middle',
    }
    board.edit((doc) => writeElements(doc, [{ ...text, originalText: 'middle', fontSize: 20 }]))
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    for (const [{ page }, key, words] of [
      [ada, 'Control+Home', 'start '],
      [alan, 'Control+End', ' end'],
    ] as const) {
      await expect.poll(() => isDrawnAt(page, 310, 312)).toBe(true)
      await page.mouse.dblclick(310, 312)
      await page.locator('textarea.excalidraw-wysiwyg').waitFor()
      await page.keyboard.press(key)
      await page.keyboard.type(words)
    }
    for (const { page } of [ada, alan]) await page.keyboard.press('Escape')
    await expect.poll(() => elements()[0]?.originalText).toBe('start middle end')
  })

  test('shows a pasted picture to the other, and to those who come later', async ({
    openAs,
    elements,
    board,
  }) => {
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    await ada.page.mouse.click(1_000, 650)
    await ada.page.mouse.move(600, 400)
    await ada.page.evaluate(`(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 100 })
      canvas.getContext('2d').fillRect(0, 0, 200, 100)
      const blob = await new Promise((resolve) => canvas.toBlob(resolve))
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([blob], 'black.png', { type: 'image/png' }))
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
    })()`)
    await expect.poll(() => isDrawnAt(alan.page, 600, 400)).toBe(true)
    await ada.page.getByText('Saved', { exact: true }).waitFor()
    const fileId: string = elements()[0]?.fileId
    await expect.poll(() => readScene(board.doc).files.get(fileId)?.digest).toBe(fileId)
    await ada.page.reload()
    await expect.poll(() => isDrawnAt(ada.page, 600, 400)).toBe(true)
    for (const { complaints } of [ada, alan]) expect(complaints).toEqual([])
  })

  test('adds a file that is opened to what is there', async ({ openAs, elements, board }) => {
    board.edit((doc) => writeElements(doc, [rectangle('there', 300, 300)]))
    const { page, complaints } = await openAs('ada@example.com')
    await expect.poll(() => isDrawnAt(page, 360, 340)).toBe(true)
    const file = { type: 'excalidraw', version: 2, elements: [rectangle('opened', 600, 300)] }
    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([${JSON.stringify(JSON.stringify(file))}], 'plan.excalidraw'))
      const canvas = document.querySelector('canvas.interactive')
      canvas.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))
    })()`)
    await expect
      .poll(() =>
        elements()
          .map(({ id }) => id)
          .sort(),
      )
      .toEqual(['opened', 'there'])
    await expect.poll(() => isDrawnAt(page, 360, 340)).toBe(true)
    expect(await isDrawnAt(page, 660, 340)).toBe(true)
    expect(complaints).toEqual([])
  })

  test('goes on beside elements that are broken, unknown or odd', async ({
    openAs,
    elements,
    board,
  }) => {
    board.edit((doc) => {
      writeElements(doc, ODD)
      doc.getMap('elements').set('broken', 'no map')
      doc.getMap('elements').set('unknown', new Y.Map([['type', 'teapot']]))
      doc
        .getMap('elements')
        .set('lost', new Y.Map<unknown>(Object.entries({ type: 'ellipse', x: 'far' })))
    })
    const ada = await openAs('ada@example.com')
    const alan = await openAs('alan@example.com')
    await drawWith(ada.page, 'r', [300, 300], [500, 420])
    await expect.poll(() => isDrawnAt(alan.page, 300, 360)).toBe(true)
    await ada.page.keyboard.press('Control+a')
    await ada.page.keyboard.press('ArrowRight')
    await ada.page.getByText('Saved', { exact: true }).waitFor()
    await expect.poll(() => elements().find(({ id }) => id === 'tiny')?.x).toBeGreaterThan(5)
    expect([...board.doc.getMap('elements').keys()]).toEqual(
      expect.arrayContaining(['broken', 'unknown', 'lost', ...ODD.map(({ id }) => id)]),
    )
    for (const { complaints } of [ada, alan]) expect(complaints).toEqual([])
  })
})
