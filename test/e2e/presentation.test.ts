import { writeElements } from '@mindfuse/scene'
import { eventually, signIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { connectSdk } from '../support/sdk.ts'
import { inPage, picture, VIEW, type Visitor } from '../support/visitor.ts'
import { test as base, chromium } from '../support/web-fixtures.ts'

const ADA = 'ada.lovelace@example.com'
const GRACE = 'grace.hopper@example.com'

const FRAMES = [
  { id: 'end', name: '2 End', x: 0, y: 0 },
  { id: 'start', name: '1 Start', x: 3_000, y: 0 },
  { id: 'more', name: 'More', x: 0, y: 2_000 },
]

const test = base
  /** A board with frames and a box, which two people may edit. */
  .extend('boardId', async ({ remotely, baseUrl, gatewayUrl }): Promise<string> => {
    const ada = await remotely(ADA)
    const [workspace] = (await ada('GET', '/workspaces')).items
    const { id } = await ada('POST', `/workspaces/${workspace.id}/boards`, { name: 'Talk' })
    const { token } = await ada('POST', `/boards/${id}/invite`, { role: 'editor' })
    await (await remotely(GRACE))('POST', `/invites/${token}/accept`, {})
    const client = connectSdk(
      { apiUrl: baseUrl, realtimeUrl: gatewayUrl },
      await signIn(baseUrl, ADA),
    )
    const board = client.board(id)
    await board.whenSynced()
    board.edit((doc) =>
      writeElements(doc, [
        ...FRAMES.map((frame) => ({ type: 'frame', width: 800, height: 450, ...frame })),
        { id: 'box', type: 'rectangle', x: 6_000, y: 6_000, width: 100, height: 80 },
      ]),
    )
    await board.whenSaved()
    await client.close()
    return id
  })

/** Whether a frame is in the middle of the view, and fills most of it. */
async function isPresented(visitor: Visitor, id: string): Promise<boolean> {
  const shown = await visitor.shown()
  const frame = shown.elements.find((element) => element.id === id)
  if (!frame) return false
  const middle = inPage(shown, { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 })
  const isWide = frame.width * shown.zoom > VIEW.width * 0.7
  return isWide && Math.hypot(middle.x - VIEW.width / 2, middle.y - VIEW.height / 2) < 40
}

const presents = (visitor: Visitor, id: string) =>
  eventually(`the frame ${id} is presented`, () => isPresented(visitor, id))

describe.skipIf(!chromium)('frames and links to elements', () => {
  test('are presented in their order, with a laser, and nothing is changed meanwhile', async ({
    visit,
    baseUrl,
    boardId,
  }) => {
    const [ada, grace] = [await visit(ADA), await visit(GRACE)]
    for (const visitor of [ada, grace]) await visitor.open(`${baseUrl}/boards/${boardId}`)
    const { keyboard } = ada.page
    await ada.page.locator('.main-menu-trigger').click()
    await ada.page.getByText('Present frames').click()
    await presents(ada, 'start')
    await ada.page.getByText('1 / 3', { exact: true }).waitFor()
    await picture(ada.page, 'presentation')
    await keyboard.press('ArrowRight')
    await presents(ada, 'end')
    await keyboard.press('PageDown')
    await presents(ada, 'more')
    await keyboard.press('ArrowRight')
    await ada.page.getByText('3 / 3', { exact: true }).waitFor()
    await keyboard.press('Home')
    await presents(ada, 'start')

    const light = grace.page.locator('.SVGLayer path[d^="M"]').first()
    await ada.page.mouse.move(400, 300)
    await ada.page.mouse.down()
    await ada.page.mouse.move(800, 500, { steps: 6 })
    await light.waitFor({ state: 'attached' })
    await ada.page.mouse.up()
    await keyboard.press('r')
    await ada.drag([400, 300], [600, 500])
    await keyboard.press('Control+a')
    await keyboard.press('Delete')
    await grace.sees(4)

    await keyboard.press('Escape')
    await ada.page.locator('.board-bar').waitFor()
    await ada.sees(4)
    expect([...ada.complaints, ...grace.complaints]).toEqual([])
  })

  test('a link leads to its element, without loading the page again', async ({
    visit,
    baseUrl,
    boardId,
  }) => {
    const ada = await visit(ADA)
    await ada.open(`${baseUrl}/boards/${boardId}?element=box`)
    const isAtBox = async () => {
      const shown = await ada.shown()
      const { x, y } = inPage(shown, { x: 6_050, y: 6_040 })
      return shown.selected.join() === 'box' && x > 0 && x < VIEW.width && y > 0 && y < VIEW.height
    }
    await eventually('the box is selected and in view', isAtBox)

    await ada.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const shown = await ada.shown()
    const { x, y } = inPage(shown, { x: 6_000, y: 6_040 })
    await ada.page.mouse.click(x, y, { button: 'right' })
    await ada.page.getByText('Copy link to object').click()
    const link = await ada.page.evaluate('navigator.clipboard.readText()')
    expect(link).toBe(`${baseUrl}/boards/${boardId}?element=box`)
    expect(ada.complaints).toEqual([])
  })
})
