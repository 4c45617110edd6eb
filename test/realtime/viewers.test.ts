import {
  decodeAwarenessUpdate,
  decodeFrame,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
} from '@mindfuse/protocol'
import {
  awarenessFrame,
  eventually,
  type RawClient,
  type StockClient,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { expect, vi } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs'
import { testWith } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'

const test = testWith({ gateways: 2 }).extend(
  'boardId',
  async ({ stack, boardId, viewer, commenter }) => {
    await addMember(stack, boardId, viewer, 'viewer')
    await addMember(stack, boardId, commenter, 'commenter')
    return boardId
  },
)

/** A drawing with the word `forged` in its bytes. */
function forged(i: number): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set(`forged-${i}`, i)
  return encodeStateAsUpdate(doc)
}

/** Viewers' clients are numbered so that a fence of one is no fence of another. */
let nextClientId = 1_000

const awarenessOf = (clientId: number, clock = 1) =>
  awarenessFrame({ clientId, clock, state: '{"name":"viewer"}' })

const hasSeen = (client: RawClient, clientId: number) =>
  client.frames
    .map(decodeFrame)
    .some(
      (frame) =>
        frame.kind === 'awareness' &&
        decodeAwarenessUpdate(frame.update).some((entry) => entry.clientId === clientId),
    )

const edits = (client: RawClient) =>
  client.frames.map(decodeFrame).filter(({ kind }) => kind === 'update' || kind === 'sync-step-2')

const PRESENCE = JSON.stringify({ type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] })

/** Each way to bring an edit in, as the frames that are sent in one go. */
const EDITS: Record<string, (i: number) => (string | Uint8Array)[]> = {
  'a step 2': (i) => [encodeSyncStep2(forged(i))],
  'an update': (i) => [encodeUpdate(forged(i))],
  'an update right behind awareness': (i) => [
    awarenessOf(nextClientId++),
    encodeUpdate(forged(i)),
    awarenessOf(nextClientId++),
  ],
  'an update right behind presence': (i) => [PRESENCE, encodeUpdate(forged(i)), PRESENCE],
  'a step 2 right behind a step 1': (i) => [
    encodeSyncStep1(Uint8Array.of(0)),
    encodeSyncStep2(forged(i)),
  ],
}

test.for([
  ['viewer', 'the stock protocol', 'raw'],
  ['viewer', 'whiteboard.v1', 'whiteboard'],
  ['commenter', 'the stock protocol', 'raw'],
  ['commenter', 'whiteboard.v1', 'whiteboard'],
] as const)(
  'SYNC-9: a %s with %s changes nothing anywhere',
  async ([role, _, kind], {
    raw,
    ada,
    alan,
    clients,
    viewer,
    commenter,
    syncedStock,
    storedUpdates,
    stack,
    boardId,
  }) => {
    const witnesses = [await raw(), await raw(1, alan)]
    const who = { viewer, commenter }[role]
    const vandals = [await clients[kind](0, who), await clients[kind](1, who)]
    const kinds = Object.values(EDITS)
    for (const vandal of vandals) {
      for (const [i, frames] of kinds.entries()) {
        for (const frame of frames(i)) vandal.socket.send(frame)
      }
      const fence = nextClientId++
      vandal.socket.send(awarenessOf(fence))
      for (const witness of witnesses) {
        await eventually('the fence is seen', () => hasSeen(witness, fence))
      }
    }
    for (const witness of witnesses) expect(edits(witness)).toEqual([])
    for (const vandal of vandals) {
      expect(vandal.closed).toBeUndefined()
      expect(vandal.denied()).toEqual(kind === 'raw' ? ['read_only'] : [])
    }
    for (const { messages } of vandals as Partial<WhiteboardClient>[]) {
      if (!messages) continue
      expect(messages.filter(({ type }) => type === 'sync:rejected')).toEqual(
        kinds.map((_, i) => ({ type: 'sync:rejected', seq: i + 1, code: 'read_only' })),
      )
    }

    // What a gateway stores keeps its order, so an edit of before would be there by now.
    for (const [gateway, editor] of [ada, alan].entries()) {
      const client = await syncedStock(gateway, editor)
      client.doc.getMap('shapes').set(`real-${gateway}`, 1)
      await eventually('it is stored', async () => (await storedUpdates()) === gateway + 1)
    }
    const everything = { 'real-0': 1, 'real-1': 1 }
    const fresh = async (gateway: number) => {
      const client = await syncedStock(gateway, ada)
      await eventually('everything has come', () => client.doc.getMap('shapes').size === 2)
      return client.doc.getMap('shapes').toJSON()
    }
    expect([await fresh(0), await fresh(1)]).toEqual([everything, everything])
    clients.endAll()
    await stack.restartGateway(0)
    expect(await fresh(0)).toEqual(everything)
    const rows = await stack.database.query(
      'SELECT update FROM board_updates WHERE board_id = $1',
      [boardId],
    )
    expect(Buffer.concat(rows.map(({ update }) => update)).includes('forged')).toBe(false)
  },
)

test('AW-8: a viewer has a cursor, a viewport and awareness, on both gateways', async ({
  whiteboard,
  viewer,
}) => {
  const witnesses = [await whiteboard(), await whiteboard(1)]
  const watching = await whiteboard(0, viewer)
  const hello = await watching.heard('hello')
  expect(hello.role).toBe('viewer')
  watching.say({ type: 'presence:viewport', x: 1, y: 2, zoom: 3 })
  watching.say({ type: 'presence:update', cursor: { x: 4, y: 5 }, selection: ['s'] })
  const clientId = nextClientId++
  watching.socket.send(awarenessOf(clientId))
  for (const witness of witnesses) {
    await witness.heard('presence:join', ({ userId }) => userId === viewer.user.id)
    const { presences } = await witness.heard('presence:sync', ({ presences }) =>
      presences.some(({ userId, cursor }) => userId === viewer.user.id && cursor !== null),
    )
    expect(presences.find(({ userId }) => userId === viewer.user.id)).toEqual({
      userId: viewer.user.id,
      connectionId: hello.connectionId,
      cursor: { x: 4, y: 5 },
      selection: ['s'],
      viewport: { x: 1, y: 2, zoom: 3 },
    })
    await eventually('its awareness is seen', () => hasSeen(witness, clientId))
  }
})

test('SYNC-12: a viewer sees edits of both gateways as they happen', async ({
  stock,
  alan,
  viewer,
}) => {
  const editors = [stock(), stock(1, alan)]
  const viewers = [stock(0, viewer), stock(1, viewer)]
  for (const client of [...editors, ...viewers]) await client.synced()
  for (const [i, { doc }] of editors.entries()) doc.getMap('shapes').set(`${i}`, i)
  for (const { doc } of viewers) {
    await eventually('both edits are seen', () => doc.getMap('shapes').size === 2)
  }
})

test('AUTH-3: a commenter becomes an editor and a commenter again in place, on both gateways', async ({
  whiteboard,
  commenter,
  boardId,
  ada,
  as,
}) => {
  const become = (role: string) =>
    as(ada, `/api/boards/${boardId}/members/${commenter.user.id}`, {
      method: 'PUT',
      body: { role },
    })
  const clients = [await whiteboard(0, commenter), await whiteboard(1, commenter)]
  for (const client of clients) {
    expect(await client.heard('hello')).toMatchObject({ role: 'commenter', canBroadcast: true })
  }
  await become('editor')
  for (const [i, client] of clients.entries()) {
    await client.heard('role:changed', ({ role }) => role === 'editor')
    client.socket.send(encodeUpdate(forged(i)))
    await client.heard('sync:ack', ({ saved }) => saved === 1)
  }
  await become('commenter')
  for (const [i, client] of clients.entries()) {
    const told = await client.heard('role:changed', ({ role }) => role === 'commenter')
    expect(told).toEqual({ type: 'role:changed', role: 'commenter', canBroadcast: true })
    client.socket.send(encodeUpdate(forged(2 + i)))
    const refused = await client.heard('sync:rejected')
    expect(refused).toEqual({ type: 'sync:rejected', seq: 2, code: 'read_only' })
    expect(client.closed).toBeUndefined()
  }
})

test('SYNC-9: what a stock client deleted as a viewer arrives once it is an editor', async ({
  syncedStock,
  boardId,
  viewer,
  ada,
  as,
}) => {
  const shapes = ({ doc }: Pick<StockClient, 'doc'>) => doc.getMap('shapes')
  const owner = await syncedStock()
  shapes(owner).set('a', 1)
  const promoted = await syncedStock(1, viewer)
  await eventually('the viewer has it', () => shapes(promoted).has('a'))
  const denied = vi.fn()
  promoted.provider.messageHandlers[2] = denied
  shapes(promoted).delete('a')
  await eventually('it is told', () => denied.mock.calls.length > 0)
  await as(ada, `/api/boards/${boardId}/members/${viewer.user.id}`, {
    method: 'PUT',
    body: { role: 'editor' },
  })
  await eventually('it is deleted', () => !shapes(owner).has('a'))
})

test('SYNC-9: a stock viewer that drew nothing is not told that it may not, on a board with deletes', async ({
  syncedStock,
  viewer,
}) => {
  const shapes = ({ doc }: Pick<StockClient, 'doc'>) => doc.getMap('shapes')
  const owner = await syncedStock()
  shapes(owner).set('a', 1)
  const watching = await syncedStock(0, viewer)
  await eventually('the viewer has it', () => shapes(watching).has('a'))
  shapes(owner).delete('a')
  await eventually('it is deleted', () => !shapes(watching).has('a'))

  const { provider } = watching
  const denied = vi.fn()
  provider.messageHandlers[2] = denied
  provider.disconnect()
  await eventually('it is disconnected', () => !provider.wsconnected)
  provider.connect()
  await watching.synced()
  // Behind its step 2 it sends awareness, behind a refusal it would receive the edit.
  provider.awareness.setLocalState({ name: 'fence' })
  await eventually('the fence is seen', () => {
    return owner.provider.awareness.getStates().has(watching.doc.clientID)
  })
  shapes(owner).set('b', 1)
  await eventually('the edit is seen', () => shapes(watching).has('b'))
  expect(denied).not.toHaveBeenCalled()
})

test('SYNC-9: what the board holds is no edit of a viewer, and with one delete more it is', async ({
  syncedStock,
  storedUpdates,
  raw,
  whiteboard,
  viewer,
}) => {
  const { doc } = await syncedStock()
  const shapes = doc.getMap('shapes')
  shapes.set('a', 1)
  shapes.set('b', 1)
  shapes.delete('a')
  await eventually('it is stored', async () => (await storedUpdates()) === 3)
  const known = encodeStateAsUpdate(doc)
  const copy = new Doc()
  applyUpdate(copy, known)
  copy.getMap('shapes').delete('b')
  const more = encodeStateAsUpdate(copy)

  const [stock, text] = [await raw(0, viewer), await whiteboard(0, viewer)]
  for (const { socket } of [stock, text]) {
    for (const update of [known, more]) socket.send(encodeSyncStep2(update))
  }
  await eventually('the stock client is told once', () => stock.denied().length > 0)
  expect(stock.denied()).toEqual(['read_only'])
  await text.heard('sync:rejected')
  expect(text.messages.filter(({ type }) => type === 'sync:rejected')).toEqual([
    { type: 'sync:rejected', seq: 2, code: 'read_only' },
  ])
  expect(shapes.has('b')).toBe(true)
})
