import { expect } from 'vitest'
import { testWith } from '../support/sdk-fixtures.ts'

/** How long it may take until an edit is saved after there is room again, milliseconds. */
const SAVED_WITHIN_MS = 60_000

const MEBIBYTE = 1024 * 1024

const test = testWith({})

test('LIM-23: a board says how full it is, and what it was too full for is saved once there is room', async ({
  ada,
  alan,
  boardId,
  connect,
}) => {
  const empty = connect(ada).board(boardId)
  await empty.whenSynced()
  expect(empty.size).toMatchObject({ share: 0, maxBytes: 64 * MEBIBYTE })
  const sizes: number[] = []
  empty.on('size', ({ share }) => sizes.push(share))
  // Two people, as each may send half of a board at once.
  for (const [person, keys] of [
    [ada, ['a', 'b']],
    [alan, ['c', 'd']],
  ] as const) {
    const author = connect(person).board(boardId)
    await author.whenSynced()
    for (const key of keys) {
      author.doc.getMap('shapes').set(key, 'x'.repeat(15.9 * MEBIBYTE))
      await author.whenSaved({ signal: AbortSignal.timeout(SAVED_WITHIN_MS) })
    }
    await author.close()
  }
  await expect.poll(() => sizes.at(-1)).toBeGreaterThan(0.99)

  const board = connect(alan).board(boardId)
  const rejections: string[] = []
  board.on('rejected', (code) => rejections.push(code))
  await board.whenSynced()
  expect(board.size?.share).toBeGreaterThan(0.99)
  const shapes = board.doc.getMap('shapes')
  shapes.set('e', 'x'.repeat(MEBIBYTE))
  await expect.poll(() => rejections).toContain('board_full')
  expect(board.saved).toBe(false)

  shapes.delete('a')
  shapes.delete('b')
  await board.whenSaved({ signal: AbortSignal.timeout(SAVED_WITHIN_MS) })
  expect(board.size?.share).toBeLessThan(0.6)
  const reader = connect(ada).board(boardId)
  await reader.whenSynced({ signal: AbortSignal.timeout(SAVED_WITHIN_MS) })
  expect(Object.keys(reader.doc.getMap('shapes').toJSON()).sort()).toEqual(['c', 'd', 'e'])
})
