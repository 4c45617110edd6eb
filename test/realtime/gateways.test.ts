import { eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

const test = testWith({ gateways: 2 })

test('RELAY-1 AW-1: two people on two gateways see each other’s edits and awareness', async ({
  stock,
  alan,
}) => {
  const [one, two] = [stock(), stock(1, alan)]
  await Promise.all([one.synced(), two.synced()])
  one.doc.getMap('shapes').set('a', 1)
  two.doc.getMap('shapes').set('b', 2)
  for (const client of [one, two]) {
    await eventually('both see both', () => client.doc.getMap('shapes').size === 2)
  }
  one.provider.awareness.setLocalState({ name: 'Ada' })
  const seen = () => two.provider.awareness.getStates().get(one.doc.clientID)
  await eventually('the cursor is seen', () => seen()?.name === 'Ada')
  one.provider.destroy()
  await eventually('its leaving is seen', () => seen() === undefined)
})

test('PRES-3 PRES-4: two people on two gateways see each other come, move and go', async ({
  whiteboard,
  ada,
  alan,
}) => {
  const one = await whiteboard()
  await one.heard('hello', ({ role }) => role === 'owner')
  const two = await whiteboard(1, alan)
  const { connectionId } = await two.heard('hello')

  const joined = await one.heard('presence:join', ({ userId }) => userId === alan.user.id)
  expect(joined.user).toEqual({ id: alan.user.id, name: 'Alan' })
  await two.heard('presence:join', ({ userId }) => userId === ada.user.id)

  two.say({ type: 'presence:update', cursor: { x: 1, y: 2 }, selection: ['s'] })
  two.say({ type: 'presence:viewport', x: 0, y: 0, zoom: 2 })
  await one.heard('presence:sync', ({ presences }) =>
    presences.some(
      (presence) =>
        presence.connectionId === connectionId &&
        presence.cursor?.x === 1 &&
        presence.viewport?.zoom === 2,
    ),
  )
  two.destroy()
  await one.heard('presence:leave', ({ userId }) => userId === alan.user.id)
})

test('ACK-2: an editor is notified of what was received and what is saved', async ({
  whiteboard,
  ada,
  stack,
  boardId,
}) => {
  const { encodeUpdate } = await import('@mindfuse/protocol')
  const { Doc, encodeStateAsUpdate } = await import('yjs')
  const client = await whiteboard()
  await eventually('the board is loaded', () => client.frames.length > 0)
  const doc = new Doc()
  doc.getMap('shapes').set('saved', true)
  client.socket.send(encodeUpdate(encodeStateAsUpdate(doc)))
  const ack = await client.heard('sync:ack', ({ saved }) => saved === 1)
  expect(ack).toEqual({ type: 'sync:ack', received: 1, saved: 1 })
  const rows = await stack.database.query(
    'SELECT FROM board_updates WHERE board_id = $1 AND user_id = $2',
    [boardId, ada.user.id],
  )
  expect(rows.length).toBeGreaterThan(0)
})
