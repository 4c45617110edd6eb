import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { draw, shapesOf } from '../support/sdk.ts'
import { proxiedTest } from '../support/sdk-fixtures.ts'

const test = proxiedTest
  .extend('board', ({ open, ada }) => open(ada))
  .extend('peer', ({ syncedStock, alan }) => syncedStock(0, alan))
  .extend(
    'sheSees',
    ({ board, peer }) =>
      (name: string) =>
        board.awareness.getStates().get(peer.doc.clientID)?.name === name,
  )
  .extend(
    'heSees',
    ({ peer, board }) =>
      (name: string) =>
        peer.provider.awareness.getStates().get(board.doc.clientID)?.name === name,
  )

test('bindings of the SDK and of the stock provider see each other', async ({
  peer,
  board,
  sheSees,
  heSees,
}) => {
  peer.provider.awareness.setLocalState({ name: 'Alan' })
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
  draw(board, 'a')
  await eventually('and what the other draws', () => peer.doc.getMap('shapes').has('a'))
  peer.doc.getMap('shapes').set('b', true)
  await eventually('both ways', () => shapesOf(board).b)
})

test('who is there before one first asks is seen too', async ({ peer, sheSees }) => {
  peer.provider.awareness.setLocalState({ name: 'Alan' })
  await eventually('the gateway knows', () => peer.provider.awareness.getLocalState()?.name)
  await eventually('she sees him', () => sheSees('Alan'))
})

test('after a reconnect each sees the other again, without anybody moving', async ({
  peer,
  board,
  sheSees,
  heSees,
  proxy,
}) => {
  peer.provider.awareness.setLocalState({ name: 'Alan' })
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
  let wentAway = false
  peer.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
    wentAway ||= removed.includes(board.doc.clientID)
  })
  proxy.cut()
  await eventually('he saw her go', () => wentAway)
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
})

test('a state that changes 1,000 times in a moment closes no connection, and the newest arrives', async ({
  board,
  heSees,
}) => {
  const { status } = board
  for (let i = 0; i <= 1_000; i++) {
    board.awareness.setLocalState({ name: `Ada ${i}` })
    if (i % 100 === 0) await new Promise(setImmediate)
  }
  await eventually('he sees the newest', () => heSees('Ada 1000'))
  expect(board.status).toBe(status)
})

test('a state over its limit is told here and not sent', async ({ board, heSees }) => {
  const errors: string[] = []
  board.on('error', ({ code }) => errors.push(code))
  const { status } = board
  board.awareness.setLocalState({ name: 'x'.repeat(5_000) })
  await eventually('it is told', () => errors.includes('awareness_too_large'))
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('he sees the next', () => heSees('Ada'))
  expect(board.status).toBe(status)
})

test('who closes the board is gone for the others at once', async ({ board, heSees }) => {
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('he sees her', () => heSees('Ada'))
  await board.close()
  await eventually('he sees her go', () => !heSees('Ada'))
})
