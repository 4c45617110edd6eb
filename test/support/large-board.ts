import { toExcalidraw } from '@mindfuse/scene'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { largeScene } from './large-scene.ts'
import { connectSdk } from './sdk.ts'
import { test as base } from './whiteboard-pages.ts'

export const ELEMENTS = 10_000

/** A board of 10,000 elements, in the pages of `whiteboard-pages.ts`. */
export const test = base
  .extend('elements', { scope: 'file' }, () => largeScene(ELEMENTS))
  .extend('fullBoardId', async ({ stack, newBoard, elements, ada }) => {
    const boardId = await newBoard()
    const file = toExcalidraw({ elements, background: undefined })
    const response = await fetch(`${stack.apiUrl}/api/boards/${boardId}/import`, {
      method: 'POST',
      headers: {
        'content-type': 'application/vnd.excalidraw+json',
        authorization: `Bearer ${ada.accessToken}`,
      },
      body: JSON.stringify(file),
    })
    expect(await response.json()).toMatchObject({ changed: true, skipped: 0 })
    return boardId
  })
  /** The board as a program has it. */
  .extend('his', async ({ stack, fullBoardId, alan }, { onCleanup }) => {
    const client = connectSdk(stack, alan)
    onCleanup(() => client.close())
    const board = client.board(fullBoardId)
    await board.whenSynced()
    return board
  })

/** When a condition on Excalidraw's API held, and was painted. */
export const whenShown = (condition: string, now: string) => `new Promise((resolve) => {
  const look = () => {
    if (!(window.excalidraw?.${condition})) requestAnimationFrame(look)
    else requestAnimationFrame(() => setTimeout(() => resolve(${now})))
  }
  look()
})`

/** @returns milliseconds from the start of the navigation */
export const shownAfter = (page: Page, condition: string) =>
  page.evaluate(whenShown(condition, 'performance.now()')) as Promise<number>
