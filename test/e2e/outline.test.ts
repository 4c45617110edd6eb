import { writeElements } from '@mindfuse/scene'
import { eventually, signIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { seriousViolations } from '../support/axe.ts'
import { connectSdk } from '../support/sdk.ts'
import { inPage, picture, VIEW, type Visitor } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const ADA = 'ada.lovelace@example.com'

const box = (id: string, x: number, y: number, more = {}) => ({
  ...{ id, type: 'rectangle', x, y, width: 200, height: 100 },
  ...more,
})
const text = (id: string, originalText: string, containerId: string) => ({
  ...{ id, type: 'text', x: 0, y: 0, width: 80, height: 25, text: originalText },
  ...{ originalText, containerId },
})

const ELEMENTS = [
  { id: 'plan', type: 'frame', name: 'Plan', x: 0, y: 400, width: 900, height: 500 },
  box('invoice', 50, 500, { frameId: 'plan' }),
  text('invoice text', 'Invoice', 'invoice'),
  box('customer', 600, 500, { type: 'ellipse', frameId: 'plan' }),
  text('customer text', 'Customer', 'customer'),
  {
    ...{ id: 'arrow', type: 'arrow', x: 260, y: 550, width: 330, height: 0, frameId: 'plan' },
    points: [
      [0, 0],
      [330, 0],
    ],
    startBinding: { elementId: 'invoice', focus: 0, gap: 5 },
    endBinding: { elementId: 'customer', focus: 0, gap: 5 },
  },
  box('first', 0, 0),
  box('far', 9_000, 9_000),
]

const test = base
  /** A board of Ada's with elements, which she edits elsewhere too. */
  .extend('board', async ({ remotely, baseUrl, gatewayUrl }, { onCleanup }) => {
    const ada = await remotely(ADA)
    const [workspace] = (await ada('GET', '/workspaces')).items
    const { id } = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Plan' })
    const urls = { apiUrl: baseUrl, realtimeUrl: gatewayUrl }
    const client = connectSdk(urls, await signIn(baseUrl, ADA))
    onCleanup(() => client.close())
    const board = client.board(id)
    await board.whenSynced()
    board.edit((doc) => writeElements(doc, ELEMENTS))
    await board.whenSaved()
    return board
  })

/** The name of the row that the tree points at, without marks of direction. */
const activeName = ({ page }: Visitor): Promise<string> =>
  page.evaluate(`(() => {
    const tree = document.activeElement
    if (tree.getAttribute('role') !== 'tree') return 'the focus is elsewhere'
    const row = document.getElementById(tree.getAttribute('aria-activedescendant'))
    return row.textContent.replace(/[\\u2068\\u2069]/g, '')
  })()`)

const isAt = (visitor: Visitor, name: string) => expect.poll(() => activeName(visitor)).toBe(name)

async function isInView(visitor: Visitor, id: string): Promise<boolean> {
  const shown = await visitor.shown()
  const element = shown.elements.find((one) => one.id === id)
  if (!element || shown.selected.join() !== id) return false
  const { x, y } = inPage(shown, element)
  return x > 0 && x < VIEW.width && y > 0 && y < VIEW.height
}

describe.skipIf(!chromium)('the outline of a board', () => {
  test('is read, and leads to elements, by keyboard alone, while others change the board', async ({
    visit,
    board,
    baseUrl,
  }) => {
    const ada = await visit(ADA)
    const { keyboard } = ada.page
    await ada.open(`${baseUrl}/boards/${board.id}`)
    await ada.sees(ELEMENTS.length)
    await keyboard.press('Shift+O')
    await ada.page.getByRole('tree', { name: 'Outline' }).waitFor()
    await isAt(ada, 'Rectangle')
    const names = [
      'Frame: Plan',
      'Rectangle: Invoice',
      'Ellipse: Customer',
      'Arrow from Invoice to Customer',
    ]
    for (const name of names) {
      await keyboard.press('ArrowDown')
      await isAt(ada, name)
    }
    await picture(ada.page, 'outline')
    // Excalidraw has some of its own.
    expect(await seriousViolations(ada.page, '.outline')).toEqual([])
    await keyboard.press('Enter')
    await eventually('the element is selected and in view', () => isInView(ada, 'arrow'))

    // What others do moves nobody to another row.
    board.edit((doc) => writeElements(doc, [box('new', 0, 200, { type: 'diamond' })]))
    await ada.page.getByText('7 elements').waitFor()
    await isAt(ada, 'Arrow from Invoice to Customer')
    await keyboard.press('ArrowLeft')
    await isAt(ada, 'Frame: Plan')
    await keyboard.press('ArrowUp')
    await isAt(ada, 'Diamond')
    board.edit((doc) => writeElements(doc, [{ ...box('new', 0, 200), isDeleted: true }]))
    await isAt(ada, 'Frame: Plan')
    await keyboard.press('End')
    await keyboard.press('Enter')
    await eventually('the far one is in view', () => isInView(ada, 'far'))

    // The keys are the board's again.
    await keyboard.press('Escape')
    await ada.page.getByRole('tree').waitFor({ state: 'detached' })
    await keyboard.press('Delete')
    await ada.sees(ELEMENTS.length - 1)
    expect(ada.complaints).toEqual([])
  })

  test('of ten thousand elements is there at once, and has no more rows than are seen', async ({
    visit,
    board,
    baseUrl,
  }) => {
    const many = Array.from({ length: 10_000 }, (_, i) =>
      box(`many-${i}`, (i % 100) * 300, 20_000 + Math.floor(i / 100) * 300),
    )
    board.edit((doc) => writeElements(doc, many))
    await board.whenSaved()
    const ada = await visit(ADA, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await ada.open(`${baseUrl}/boards/${board.id}`)
    await ada.sees(ELEMENTS.length + many.length)
    await ada.page.locator('.main-menu-trigger').click()
    await ada.page.getByText('Outline').click()
    await ada.page.getByText('10,006 elements').waitFor()
    await ada.page.keyboard.press('End')
    await isAt(ada, 'Rectangle')
    const rows = ada.page.getByRole('treeitem')
    expect(await rows.last().getAttribute('aria-posinset')).toBe('10003')
    expect(await rows.count()).toBeLessThan(60)
    await picture(ada.page, 'outline-narrow-dark')
    await ada.page.keyboard.press('Enter')
    await eventually('the last one is in view', () => isInView(ada, 'many-9999'))
    await ada.page.getByRole('button', { name: 'Close' }).click()
    expect(ada.complaints).toEqual([])
  })
})
