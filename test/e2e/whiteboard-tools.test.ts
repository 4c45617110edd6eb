import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { drag, type Point } from '../support/drag.ts'
import { trails } from '../support/excalidraw-fixtures.ts'
import { type Fingers, fingersOn } from '../support/fingers.ts'
import { picture } from '../support/visitor.ts'
import { chromium } from '../support/web-fixtures.ts'
import { ADA, GRACE, hasDrawn, test } from '../support/whiteboard-fixtures.ts'

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

/** What draws by a drag, and the key of each; a tool has the name of what it draws. */
const DRAWING = {
  rectangle: 'r',
  diamond: 'd',
  ellipse: 'o',
  arrow: 'a',
  line: 'l',
  freedraw: 'p',
  frame: 'f',
}

const KEYS = {
  ...DRAWING,
  text: 't',
  image: '9',
  eraser: 'e',
  laser: 'k',
  hand: 'h',
  selection: 'v',
}

type Tool = keyof typeof KEYS

/** Those in the menu of further tools. */
const EXTRA: ReadonlySet<Tool> = new Set<Tool>(['frame', 'laser'])

/** What a person has to draw with. */
interface Hand {
  choose(tool: Tool): Promise<void>
  tap(at: Point): Promise<void>
  drag(from: Point, to: Point): Promise<void>
  /** Goes to and fro, pressed down, until `isDone` holds. */
  wave(from: Point, to: Point, isDone: () => Promise<boolean>): Promise<void>
}

function mouseOf(page: Page): Hand {
  const { mouse } = page
  return {
    choose: (tool) => chooseInToolbar(page, tool, 'click'),
    tap: (at) => mouse.click(...at),
    drag: (from, to) => drag(page, from, to),
    async wave(from, to, isDone) {
      await mouse.move(...from)
      await mouse.down()
      await toAndFro(from, to, isDone, (at) => mouse.move(...at, { steps: 5 }))
      await mouse.up()
    },
  }
}

/** Tools by their keys; Excalidraw draws by a pointer only. */
const keyboardOf = (page: Page): Hand => ({
  ...mouseOf(page),
  choose: (tool) => page.keyboard.press(KEYS[tool]),
})

function fingerOf(page: Page, fingers: Fingers): Hand {
  return {
    choose: (tool) => chooseInToolbar(page, tool, 'tap'),
    tap: (at) => page.touchscreen.tap(...at),
    drag: (from, to) => fingers.drag(from, to),
    async wave(from, to, isDone) {
      await fingers.down(from)
      await toAndFro(from, to, isDone, (at) => fingers.move(at))
      await fingers.up()
    },
  }
}

async function chooseInToolbar(page: Page, tool: Tool, how: 'click' | 'tap'): Promise<void> {
  if (EXTRA.has(tool)) {
    await page.locator('.App-toolbar__extra-tools-trigger')[how]()
    return page.getByTestId(`toolbar-${tool}`)[how]()
  }
  return page.locator('label', { has: page.getByTestId(`toolbar-${tool}`) })[how]()
}

async function toAndFro(
  from: Point,
  to: Point,
  isDone: () => Promise<boolean>,
  move: (at: Point) => Promise<void>,
): Promise<void> {
  let next = to
  await expect
    .poll(async () => {
      await move(next)
      next = next === to ? from : to
      return isDone()
    })
    .toBe(true)
}

/** Where things are drawn in the page, in rows of three from a left edge on. */
const cellsFrom =
  (edge: number) =>
  (i: number): { from: Point; to: Point; middle: Point } => {
    const [left, top] = [edge + 110 * (i % 3), 170 + 110 * Math.floor(i / 3)]
    return { from: [left, top], to: [left + 80, top + 60], middle: [left + 40, top + 30] }
  }

/** A picture, black. */
async function drawPicture(page: Page): Promise<Buffer> {
  const canvas = "Object.assign(document.createElement('canvas'), { width: 60, height: 40 })"
  const url = await page.evaluate<string>(`${canvas}.toDataURL('image/jpeg')`)
  return Buffer.from(url.split(',')[1] ?? '', 'base64')
}

describe.skipIf(!chromium)('each tool', () => {
  test.for(['mouse', 'touch', 'keyboard'] as const)(
    'by %s is seen by the other',
    async (by, { openAs, elements }) => {
      const grace = await openAs(GRACE)
      const ada = await openAs(ADA, by === 'touch' ? PHONE : {})
      const { page } = ada
      const { keyboard } = page
      const hand =
        by === 'touch'
          ? fingerOf(page, await fingersOn(page))
          : { mouse: mouseOf, keyboard: keyboardOf }[by](page)
      // On a wide screen, what is left of them has the properties of a tool.
      const cell = cellsFrom(by === 'touch' ? 30 : 400)
      const typed = (type: string) => elements().find((element) => element.type === type)
      /** Waits until an element is in the document, and until the other's page has drawn it. */
      const isSeen = async (type: string) => {
        await expect.poll(() => typed(type)).toBeDefined()
        await expect.poll(() => hasDrawn(grace, typed(type)!)).toBe(true)
        return typed(type)!
      }

      for (const [i, tool] of (Object.keys(DRAWING) as (keyof typeof DRAWING)[]).entries()) {
        await hand.choose(tool)
        await hand.drag(cell(i).from, cell(i).to)
        await isSeen(tool)
      }

      await hand.choose('text')
      await hand.tap(cell(7).from)
      await keyboard.type('Plan')
      await keyboard.press('Escape')
      expect(await isSeen('text')).toMatchObject({ text: 'Plan' })

      const buffer = await drawPicture(page)
      const chosen = page.waitForEvent('filechooser')
      await hand.choose('image')
      await (await chosen).setFiles({ name: 'black.jpg', mimeType: 'image/jpeg', buffer })
      // By touch, it is put in the middle.
      if (by !== 'touch') await hand.tap(cell(8).middle)
      await isSeen('image')
      await picture(page, `tools-${by}`)
      await picture(grace.page, `tools-${by}-seen`)

      await hand.choose('selection')
      const { y } = typed('diamond')!
      await hand.drag([cell(1).from[0], cell(1).middle[1]], [cell(1).from[0], cell(1).to[1]])
      await expect.poll(() => typed('diamond')?.y).toBeGreaterThan(y)

      await hand.choose('eraser')
      await hand.drag([cell(2).from[0] - 5, cell(2).middle[1]], cell(2).middle)
      await expect.poll(() => typed('ellipse')).toBeUndefined()
      await expect.poll(async () => (await grace.shown()).elements.length).toBe(8)

      await hand.choose('laser')
      await hand.wave(cell(9).from, cell(11).to, async () => (await trails(grace.page)).length > 0)

      const before = await ada.shown()
      await hand.choose('hand')
      await hand.drag(cell(9).from, cell(10).to)
      await expect.poll(async () => (await ada.shown()).scrollX).toBeGreaterThan(before.scrollX)
      expect(elements().length).toBe(8)
      for (const { complaints } of [ada, grace]) expect(complaints).toEqual([])
    },
  )

  test('by keys alone: select, move, duplicate, write, link, delete', async ({
    openAs,
    elements,
  }) => {
    const grace = await openAs(GRACE)
    const ada = await openAs(ADA)
    const { keyboard } = ada.page
    await keyboard.press('r')
    await ada.drag([500, 300], [600, 380])
    await expect.poll(() => elements().length).toBe(1)
    const { x, y } = elements()[0]!

    await keyboard.press('Escape')
    await keyboard.press('Control+a')
    for (const key of ['ArrowRight', 'ArrowDown', 'Shift+ArrowDown']) await keyboard.press(key)
    await expect.poll(() => elements()[0]).toMatchObject({ x: x + 1, y: expect.any(Number) })
    await expect.poll(() => elements()[0]!.y - y).toBeGreaterThan(1)

    await keyboard.press('Enter')
    await keyboard.type('Start')
    await keyboard.press('Escape')
    const text = () => elements().find(({ type }) => type === 'text')
    await expect.poll(text).toMatchObject({ text: 'Start', containerId: elements()[0]!.id })

    await keyboard.down('Control')
    await keyboard.press('ArrowRight')
    await keyboard.up('Control')
    const types = () =>
      elements()
        .map(({ type }) => type)
        .sort()
    await expect.poll(types).toEqual(['arrow', 'rectangle', 'rectangle', 'text'])
    await expect.poll(async () => (await grace.shown()).elements.length).toBe(4)

    await keyboard.press('Delete')
    await expect.poll(types).toEqual(['arrow', 'rectangle', 'text'])
    await keyboard.press('Control+z')
    await expect.poll(types).toEqual(['arrow', 'rectangle', 'rectangle', 'text'])
    await keyboard.press('Control+a')
    await keyboard.press('Delete')
    await expect.poll(async () => (await grace.shown()).elements.length).toBe(0)
    expect(elements()).toEqual([])
  })
})
