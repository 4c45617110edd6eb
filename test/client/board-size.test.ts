import { createBoard } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/sdk-fixtures.ts'

/** How long it may take until an edit is saved after there is room again, milliseconds. */
const SAVED_WITHIN_MS = 30_000

const MEBIBYTE = 1024 * 1024

const test = testWith({})

test('LIM-23: a board says how full it is, and what it was too full for is saved once there is room', {
  timeout: 120_000,
}, async ({ stack, ada, connect }) => {
  const boardId = await createBoard(stack.apiUrl, ada.accessToken)
  const board = connect(ada).board(boardId)
  await board.whenSynced()
  const sizes: number[] = []
  const rejections: string[] = []
  board.on('size', ({ share }) => sizes.push(share))
  board.on('rejected', (code) => rejections.push(code))
  expect(board.size).toMatchObject({ share: 0, maxBytes: 64 * MEBIBYTE })

  const shapes = board.doc.getMap('shapes')
  for (const key of ['a', 'b', 'c', 'd']) {
    shapes.set(key, 'x'.repeat(15.9 * MEBIBYTE))
    await board.whenSaved({ signal: AbortSignal.timeout(SAVED_WITHIN_MS) })
  }
  await expect.poll(() => sizes.at(-1), { timeout: 10_000 }).toBeGreaterThan(0.99)

  shapes.set('e', 'x'.repeat(MEBIBYTE))
  await expect.poll(() => rejections, { timeout: 10_000 }).toEqual(['board_full'])
  expect(board.saved).toBe(false)

  shapes.delete('a')
  shapes.delete('b')
  await board.whenSaved({ signal: AbortSignal.timeout(SAVED_WITHIN_MS) })
  expect(rejections).toEqual(['board_full'])
  expect(board.size?.share).toBeLessThan(0.6)
  const reader = connect(ada).board(boardId)
  await reader.whenSynced({ signal: AbortSignal.timeout(SAVED_WITHIN_MS) })
  expect(Object.keys(reader.doc.getMap('shapes').toJSON()).sort()).toEqual(['c', 'd', 'e'])
})
