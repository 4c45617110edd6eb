import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { draw, shapesOf } from '../support/sdk.ts'
import { proxiedTest } from '../support/sdk-fixtures.ts'

const test = proxiedTest
  .extend('peer', ({ syncedStock, alan }) => syncedStock(0, alan))
  .extend(
    'sheSees',
    ({ hers, peer }) =>
      (name: string) =>
        hers.awareness.getStates().get(peer.doc.clientID)?.name === name,
  )
  .extend(
    'heSees',
    ({ peer, hers }) =>
      (name: string) =>
        peer.provider.awareness.getStates().get(hers.doc.clientID)?.name === name,
  )

test('bindings of the SDK and of the stock provider see each other', async ({
  peer,
  hers,
  sheSees,
  heSees,
}) => {
  peer.provider.awareness.setLocalState({ name: 'Alan' })
  hers.awareness.setLocalState({ name: 'Ada' })
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
  draw(hers, 'a')
  await eventually('and what the other draws', () => peer.doc.getMap('shapes').has('a'))
  peer.doc.getMap('shapes').set('b', true)
  await eventually('both ways', () => shapesOf(hers).b)
})

test('who is there before one first asks is seen too', async ({ peer, sheSees }) => {
  peer.provider.awareness.setLocalState({ name: 'Alan' })
  await eventually('the gateway knows', () => peer.provider.awareness.getLocalState()?.name)
  await eventually('she sees him', () => sheSees('Alan'))
})

test('after a reconnect each sees the other again, without anybody moving', async ({
  peer,
  hers,
  sheSees,
  heSees,
  proxy,
}) => {
  peer.provider.awareness.setLocalState({ name: 'Alan' })
  hers.awareness.setLocalState({ name: 'Ada' })
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
  let wentAway = false
  peer.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
    wentAway ||= removed.includes(hers.doc.clientID)
  })
  proxy.cut()
  await eventually('he saw her go', () => wentAway)
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
})

test('AW-13: after a stock client was disconnected each sees the other again, without anybody moving', async ({
  peer,
  hers,
  sheSees,
  heSees,
}) => {
  peer.provider.awareness.setLocalState({ name: 'Alan' })
  hers.awareness.setLocalState({ name: 'Ada' })
  draw(hers, 'a')
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
  peer.provider.disconnect()
  await eventually('neither sees the other', () => !sheSees('Alan') && !heSees('Ada'))
  peer.provider.connect()
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
})

test('a state that changes 1,000 times in a moment closes no connection, and the newest arrives', async ({
  hers,
  heSees,
}) => {
  const { status } = hers
  for (let i = 0; i <= 1_000; i++) {
    hers.awareness.setLocalState({ name: `Ada ${i}` })
    if (i % 100 === 0) await new Promise(setImmediate)
  }
  await eventually('he sees the newest', () => heSees('Ada 1000'))
  expect(hers.status).toBe(status)
})

test('a state over its limit is reported here and not sent', async ({ hers, heSees }) => {
  const errors: string[] = []
  hers.on('error', ({ code }) => errors.push(code))
  const { status } = hers
  hers.awareness.setLocalState({ name: 'x'.repeat(70_000) })
  await eventually('it is told', () => errors.includes('awareness_too_large'))
  hers.awareness.setLocalState({ name: 'Ada' })
  await eventually('he sees the next', () => heSees('Ada'))
  expect(hers.status).toBe(status)
})

test('who closes the board is gone for the others at once', async ({ hers, heSees }) => {
  hers.awareness.setLocalState({ name: 'Ada' })
  await eventually('he sees her', () => heSees('Ada'))
  await hers.close()
  await eventually('he sees her go', () => !heSees('Ada'))
})
