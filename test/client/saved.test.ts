import type { Board } from '@mindfuse/client'
import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { draw, shapesOf } from '../support/sdk.ts'
import { test } from '../support/sdk-fixtures.ts'

/** What a board emits from now on. */
function recordEvents(board: Board, event: 'saved' | 'storage'): boolean[] {
  const values: boolean[] = []
  board.on(event, (value) => values.push(value))
  return values
}

test('saved stays false while the API is away, although others see the edit', async ({
  stack,
  hers,
  his,
  readStored,
}) => {
  const changes = recordEvents(hers, 'saved')
  await stack.stopApi()
  draw(hers, 'circle')
  await eventually('he sees it', () => shapesOf(his).circle)
  expect(hers.saved).toBe(false)
  expect(changes).toEqual([false])
  await stack.startApi()
  await hers.whenSaved()
  expect(changes).toEqual([false, true])
  expect(await readStored()).toEqual({ circle: true })
})

test('a client is notified that storage is delayed, and when it has caught up', async ({
  stack,
  hers,
}) => {
  const changes = recordEvents(hers, 'storage')
  await stack.stopApi()
  draw(hers, 'circle')
  await eventually('it takes too long', () => hers.isStorageDelayed)
  await stack.startApi()
  await hers.whenSaved()
  await eventually('it is in time again', () => !hers.isStorageDelayed)
  expect(changes).toEqual([true, false])
})

test('an edit above the limit of an update is saved all the same', async ({
  hers,
  readStored,
  his,
}) => {
  const picture = 'x'.repeat(1.5 * 1024 * 1024)
  draw(hers, 'picture', picture)
  await hers.whenSaved()
  expect(await readStored()).toEqual({ picture })
  await eventually('he sees it', () => shapesOf(his).picture === picture)
})

test('an edit that is too large for anything stays unsaved until it is discarded', async ({
  hers,
  his,
}) => {
  draw(hers, 'kept')
  await hers.whenSaved()
  const rejected: string[] = []
  hers.on('rejected', (code) => rejected.push(code))
  // Within what a frame may have, and above what a document may bring at once.
  draw(hers, 'picture', 'x'.repeat(16 * 1024 * 1024 + 10))
  await eventually('it is refused', () => rejected.length > 0)
  expect(rejected[0]).toBe('too_large')
  expect(hers.saved).toBe(false)

  const refused = hers.doc
  const resets: { reason: string; isRefused: boolean }[] = []
  hers.on('reset', (change) =>
    resets.push({ reason: change.reason, isRefused: change.refused === refused }),
  )
  hers.discard()
  await eventually('it went back', () => resets.length > 0)
  expect(resets).toEqual([{ reason: 'discarded', isRefused: true }])
  expect(shapesOf(hers)).toEqual({ kept: true })
  await hers.whenSaved()
  draw(hers, 'next')
  await hers.whenSaved()
  await eventually('he sees it', () => shapesOf(his).next)
})

test('a page with unsaved edits asks before it is left', async ({ open, ada, sdkClients }) => {
  const board = await open(ada)
  const page = new EventTarget()
  const stop = sdkClients[0]!.guardUnload(page)
  const leave = () => page.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  expect(leave()).toBe(true)
  draw(board)
  expect(leave()).toBe(false)
  await board.whenSaved()
  expect(leave()).toBe(true)
  draw(board)
  stop()
  expect(leave()).toBe(true)
})
