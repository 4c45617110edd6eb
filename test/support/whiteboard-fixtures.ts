import { readScene, type SceneElement } from '@mindfuse/scene'
import { signIn } from '@mindfuse/testing'
import { connectSdk } from './sdk.ts'
import { inPage, type Visitor } from './visitor.ts'
import { test as base } from './web-fixtures.ts'

export const ADA = 'ada.lovelace@example.com'
export const GRACE = 'grace.hopper@example.com'

/** An element as a program reads it. */
export type DrawnElement = SceneElement & Record<string, any>

/** Playwright answers the picker of an input only. */
const PICK_BY_INPUT = 'delete globalThis.showOpenFilePicker'

/** A test of the whiteboard in Chromium. */
export const test = base
  /** A board of Ada that Grace may edit. */
  .extend('boardId', async ({ remotely }): Promise<string> => {
    const ada = await remotely(ADA)
    const [workspace] = (await ada('GET', '/workspaces')).items
    const { id } = await ada('POST', `/workspaces/${workspace.id}/boards`, {
      name: 'Plans for the next release',
    })
    const { token } = await ada('POST', `/boards/${id}/invite`, { role: 'editor' })
    await (await remotely(GRACE))('POST', `/invites/${token}/accept`, {})
    return id
  })
  /** The elements of its document. */
  .extend('elements', async ({ baseUrl, gatewayUrl, boardId }, { onCleanup }) => {
    const urls = { apiUrl: baseUrl, realtimeUrl: gatewayUrl }
    const client = connectSdk(urls, await signIn(baseUrl, ADA))
    onCleanup(() => client.close())
    const board = client.board(boardId)
    await board.whenSynced()
    return () => [...readScene(board.doc).elements] as DrawnElement[]
  })
  /** Opens it in a browser. */
  .extend('openAs', ({ visit, baseUrl, boardId }) => async (...as: Parameters<typeof visit>) => {
    const visitor = await visit(...as)
    await visitor.page.addInitScript(PICK_BY_INPUT)
    await visitor.open(`${baseUrl}/boards/${boardId}`)
    return visitor
  })

/** Whether a page has drawn an element: its left edge, or where a line begins. */
export async function hasDrawn(visitor: Visitor, { id, points }: DrawnElement): Promise<boolean> {
  const shown = await visitor.shown()
  const element = shown.elements.find((one) => one.id === id)
  if (!element) return false
  const { x, y, height } = element
  const at = inPage(shown, { x, y: points ? y : y + height / 2 })
  return visitor.isDrawnAt(at.x, at.y)
}
