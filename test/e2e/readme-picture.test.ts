import { type ElementInput, writeElements } from '@mindfuse/scene'
import { eventually, signIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { drag, type Point } from '../support/drag.ts'
import { connectSdk } from '../support/sdk.ts'
import { inPage, picture, type Visitor } from '../support/visitor.ts'
import { chromium } from '../support/web-fixtures.ts'
import { ADA, GRACE, test } from '../support/whiteboard-fixtures.ts'

/** A picture of 1,920 to 1,080 pixels. */
const SCREEN = { viewport: { width: 1_440, height: 810 }, deviceScaleFactor: 4 / 3 }

/** Of a rising reaction, when it is seen best, milliseconds. */
const REACTION_SEEN_MS = 800

const box = (
  id: string,
  type: 'rectangle' | 'ellipse',
  [x, y, width, height]: [number, number, number, number],
  [strokeColor, backgroundColor]: [string, string],
): ElementInput => ({
  ...{ id, type, x, y, width, height, strokeColor, backgroundColor },
  fillStyle: 'solid',
  roundness: { type: type === 'rectangle' ? 3 : 2 },
})

const YELLOW = ['#f08c00', '#ffec99'] as [string, string]
const PINK = ['#e64980', '#fcc2d7'] as [string, string]
const BLUE = ['#1971c2', '#a5d8ff'] as [string, string]
const GREEN = ['#2f9e44', '#b2f2bb'] as [string, string]

/** What is on the board before somebody writes on it. */
const BOXES = [
  box('teachers', 'rectangle', [0, 100, 150, 120], YELLOW),
  box('steps', 'rectangle', [175, 100, 150, 120], PINK),
  box('pupils', 'rectangle', [0, 245, 150, 120], BLUE),
  box('email', 'rectangle', [175, 245, 150, 120], GREEN),
  box('sign-in', 'rectangle', [440, 100, 170, 80], BLUE),
  box('first', 'rectangle', [730, 100, 170, 80], PINK),
  box('friend', 'ellipse', [720, 270, 190, 110], YELLOW),
  box('together', 'rectangle', [440, 285, 170, 80], GREEN),
]

const WORDS = {
  teachers: 'Interview five teachers',
  steps: 'Sketch the first steps',
  pupils: 'Try it with 30 pupils',
  email: 'Invite links in the email',
  'sign-in': 'Sign in',
  first: 'First board',
  friend: 'Invite a friend',
  together: 'Draw together',
}

/** Where arrows begin and end, on the board. */
const ARROWS: [Point, Point][] = [
  [
    [616, 140],
    [724, 140],
  ],
  [
    [815, 186],
    [815, 264],
  ],
  [
    [714, 325],
    [616, 325],
  ],
]

/** Where a point of the board is in a page, as it is now. */
async function at(visitor: Visitor, [x, y]: Point): Promise<Point> {
  const place = inPage(await visitor.shown(), { x, y })
  return [place.x, place.y]
}

describe.skipIf(!chromium)('the picture of the README', () => {
  test('is what three people see who draw on one board', async ({
    openAs,
    visit,
    remotely,
    baseUrl,
    gatewayUrl,
    boardId,
    elements,
  }) => {
    const owner = await remotely(ADA)
    await owner('PATCH', `/boards/${boardId}`, { name: 'Launch plan' })
    const client = connectSdk(
      { apiUrl: baseUrl, realtimeUrl: gatewayUrl },
      await signIn(baseUrl, ADA),
    )
    const board = client.board(boardId)
    await board.whenSynced()
    board.edit((doc) => writeElements(doc, BOXES))
    await board.whenSaved()
    await client.close()

    const ada = await openAs(ADA, SCREEN)
    const { page } = ada
    for (const { id } of BOXES) {
      const { x, y, width, height } = elements().find((element) => element.id === id)!
      await page.mouse.dblclick(...(await at(ada, [x + width / 2, y + height / 2])))
      await page.locator('textarea.excalidraw-wysiwyg').waitFor()
      await page.keyboard.type(WORDS[id as keyof typeof WORDS])
      await page.keyboard.press('Escape')
    }
    for (const [place, words] of [
      [[0, 30], 'Launch plan'],
      [[440, 30], 'From sign-in to drawing together'],
    ] as const) {
      await page.keyboard.press('t')
      await page.mouse.click(...(await at(ada, place)))
      await page.locator('textarea.excalidraw-wysiwyg').waitFor()
      await page.keyboard.type(words)
      await page.keyboard.press('Escape')
    }
    for (const [from, to] of ARROWS) {
      await page.keyboard.press('a')
      await drag(page, await at(ada, from), await at(ada, to))
    }
    await page.keyboard.press('Escape')
    await page.mouse.click(...(await at(ada, [380, 60])))
    await expect
      .poll(() => elements().filter(({ type }) => type === 'arrow'))
      .toMatchObject(
        ARROWS.map(() => ({
          startBinding: { elementId: expect.any(String) },
          endBinding: { elementId: expect.any(String) },
        })),
      )

    const grace = await openAs(GRACE)
    await grace.page.mouse.click(...(await at(grace, [440, 325])))
    await grace.page.mouse.move(...(await at(grace, [650, 230])))
    const { token } = await owner('POST', `/boards/${boardId}/invite`, { role: 'editor' })
    await (await remotely('alan.turing@example.com'))('POST', `/invites/${token}/accept`, {})
    const alan = await visit('alan.turing@example.com')
    await alan.open(`${baseUrl}/boards/${boardId}`)
    await alan.page.mouse.move(...(await at(alan, [930, 220])))
    await eventually('both point somewhere', async () => {
      const { others } = await ada.shown()
      const pointing = others.filter(({ pointer }) => pointer).map(({ username }) => username)
      return pointing.sort().join() === 'Alan Turing,Grace Hopper'
    })
    await page.locator('.toast').waitFor({ state: 'detached' })
    await grace.page.keyboard.press('Shift+E')
    await grace.page.getByRole('menuitem', { name: '🎉' }).click()
    const reaction = page.locator('.reaction')
    await reaction.getByText('Grace Hopper').waitFor()
    await reaction.evaluate((element: any, ms) => {
      for (const animation of element.getAnimations()) {
        animation.pause()
        animation.currentTime = ms
      }
    }, REACTION_SEEN_MS)
    await ada.isTold('Saved')
    await picture(page, 'whiteboard')
    for (const { complaints } of [ada, grace, alan]) expect(complaints).toEqual([])
  })
})
