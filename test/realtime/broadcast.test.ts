import {
  BROADCAST_BURST,
  BROADCASTS_PER_SECOND,
  CLOSE_CODES,
  MAX_BROADCAST_BYTES,
  MAX_VALUE_DEPTH,
  type ServerMessage,
} from '@mindfuse/protocol'
import {
  callApi,
  connectStockClient,
  createBoard,
  eventually,
  type SignedIn,
  signIn,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'
import { startStack } from '../support/stack.ts'

type Broadcast = Extract<ServerMessage, { type: 'broadcast' }>

const test = testWith({ gateways: 2 })
  .extend('boardId', async ({ stack, boardId, viewer }) => {
    await addMember(stack, boardId, viewer, 'viewer')
    return boardId
  })
  .extend(
    'patch',
    ({ ada, as, boardId }) =>
      (body: unknown, who = ada) =>
        as(who, `/api/boards/${boardId}`, { method: 'PATCH', body }),
  )

const broadcastsOf = ({ messages }: WhiteboardClient) =>
  messages.filter((message): message is Broadcast => message.type === 'broadcast')

const payloadsOf = (client: WhiteboardClient) => broadcastsOf(client).map(({ payload }) => payload)

/** Waits until everybody heard this, and with it all that the sender said before. */
const allHear = (clients: WhiteboardClient[], payload: unknown) =>
  Promise.all(clients.map((client) => client.heard('broadcast', (it) => it.payload === payload)))

const idOf = async (client: WhiteboardClient) => (await client.heard('hello')).connectionId

describe('a broadcast', () => {
  test('CAST-1 CAST-2: reaches everybody else, on both gateways and from both, in order and once', async ({
    whiteboard,
    ada,
    alan,
  }) => {
    const senders = [await whiteboard(), await whiteboard(1, alan)]
    const listeners = [await whiteboard(0, alan), await whiteboard(1)]
    for (const [i, sender] of senders.entries()) {
      const { user } = [ada, alan][i] as SignedIn
      const connectionId = await idOf(sender)
      const others = [...listeners, senders[1 - i] as WhiteboardClient]
      const payloads = Array.from({ length: 20 }, (_, n) => `${i}.${n}`)
      for (const payload of payloads) sender.say({ type: 'broadcast', event: 'count', payload })
      await allHear(others, payloads.at(-1))
      for (const other of others) {
        const heard = broadcastsOf(other).filter((it) => it.connectionId === connectionId)
        expect(heard).toEqual(
          payloads.map((payload) => ({
            type: 'broadcast',
            event: 'count',
            payload,
            user: { id: user.id, name: user.name },
            connectionId,
          })),
        )
      }
    }
    // What the other said since came after anything that would have come back to a sender.
    for (const [i, sender] of senders.entries()) {
      expect(payloadsOf(sender).filter((payload) => `${payload}`.startsWith(`${i}.`))).toEqual([])
    }
  })

  test('CAST-1: with self reaches its sender too, once', async ({ whiteboard, alan }) => {
    const sender = await whiteboard()
    const other = await whiteboard(1, alan)
    sender.say({ type: 'broadcast', event: 'wave', payload: { hand: '👋' }, self: true })
    sender.say({ type: 'broadcast', event: 'end', payload: 'end', self: true })
    await allHear([sender, other], 'end')
    for (const client of [sender, other]) {
      expect(payloadsOf(client)).toEqual([{ hand: '👋' }, 'end'])
    }
  })

  test('CAST-3: is acknowledged by its number where that was asked for', async ({
    whiteboard,
    alan,
  }) => {
    const sender = await whiteboard()
    const other = await whiteboard(1, alan)
    sender.say({ type: 'broadcast', event: 'a', payload: 1 })
    sender.say({ type: 'broadcast', event: 'b', payload: 2, ack: true })
    sender.say({ type: 'broadcast', event: 'c', payload: 3, ack: false })
    sender.say({ type: 'broadcast', event: 'd', payload: 4, ack: true })
    await sender.heard('broadcast:ack', ({ seq }) => seq === 4)
    const acks = sender.messages.filter(({ type }) => type === 'broadcast:ack')
    expect(acks).toEqual([2, 4].map((seq) => ({ type: 'broadcast:ack', seq })))
    await allHear([other], 4)
    expect(other.messages.some(({ type }) => type === 'broadcast:ack')).toBe(false)
  })

  test('CAST-4: is for those who are there: a client that joins later does not receive it, and nothing is stored', async ({
    whiteboard,
    alan,
    stack,
    boardId,
  }) => {
    const sender = await whiteboard()
    sender.say({ type: 'broadcast', event: 'laser', payload: 'before', ack: true })
    await sender.heard('broadcast:ack')
    const late = [await whiteboard(0, alan), await whiteboard(1, alan)]
    sender.say({ type: 'broadcast', event: 'laser', payload: 'after' })
    await allHear(late, 'after')
    for (const client of late) expect(payloadsOf(client)).toEqual(['after'])
    expect(
      await stack.database.query('SELECT FROM board_updates WHERE board_id = $1', [boardId]),
    ).toEqual([])
  })

  test('CAST-1: stays on its board', async ({ whiteboard, ada, newBoard }) => {
    const sender = await whiteboard()
    const here = await whiteboard(1)
    const other = await newBoard()
    const elsewhere = [await whiteboard(0, ada, other), await whiteboard(1, ada, other)]
    sender.say({ type: 'broadcast', event: 'laser', payload: 'here' })
    await allHear([here], 'here')
    elsewhere[0]?.say({ type: 'broadcast', event: 'laser', payload: 'there', self: true })
    await allHear(elsewhere, 'there')
    for (const client of elsewhere) expect(payloadsOf(client)).toEqual(['there'])
  })

  test('CAST-8: is nothing to a stock client, which cannot send one either', async ({
    raw,
    alan,
    whiteboard,
    stack,
    boardId,
  }) => {
    const stock = await raw(0, alan)
    const texts: string[] = []
    stock.socket.on('message', (data, isBinary) => {
      if (!isBinary) texts.push(data.toString())
    })
    const sender = await whiteboard()
    const other = await whiteboard(1)
    stock.socket.send(JSON.stringify({ type: 'broadcast', event: 'x', payload: 'stock' }))
    sender.say({ type: 'broadcast', event: 'laser', payload: 'end' })
    await allHear([other], 'end')
    const provider = connectStockClient({
      realtimeUrl: stack.realtimeUrls[0] as string,
      boardId,
      token: alan.accessToken,
    })
    try {
      await provider.synced()
      sender.say({ type: 'broadcast', event: 'laser', payload: 'again' })
      await allHear([other], 'again')
      provider.doc.getMap('shapes').set('a', 1)
      // What the provider draws comes back to the other connection after anything said before.
      await eventually('the edit is heard', () => stock.frames.length > 1)
      expect(provider.provider.wsconnected).toBe(true)
    } finally {
      provider.destroy()
    }
    expect(texts).toEqual([])
    expect(stock.closed).toBeUndefined()
    expect(payloadsOf(other)).toEqual(['end', 'again'])
  })
})

describe('a viewer', () => {
  test('CAST-5: broadcasts unless the board forbids it, and receives those of others all the same', async ({
    whiteboard,
    viewer,
    patch,
  }) => {
    const watching = await whiteboard(0, viewer)
    const other = await whiteboard(1)
    expect((await watching.heard('hello')).canBroadcast).toBe(true)
    watching.say({ type: 'broadcast', event: 'wave', payload: 'hello' })
    await allHear([other], 'hello')

    const quiet = await patch({ viewersCanBroadcast: false })
    expect(quiet.body).toMatchObject({ viewersCanBroadcast: false })
    await watching.heard('role:changed', ({ canBroadcast }) => !canBroadcast)
    const late = await whiteboard(1, viewer)
    expect(await late.heard('hello')).toMatchObject({ role: 'viewer', canBroadcast: false })
    for (const client of [watching, late]) {
      client.say({ type: 'broadcast', event: 'wave', payload: 'refused', self: true, ack: true })
      const { code } = await client.heard('broadcast:rejected')
      expect(code).toBe('forbidden')
    }
    other.say({ type: 'broadcast', event: 'wave', payload: 'to all' })
    await allHear([watching, late], 'to all')
    expect(payloadsOf(watching)).toEqual(['to all'])
    expect(payloadsOf(other)).toEqual(['hello'])
  })

  test('CAST-5: is notified when the setting changes, at once and on every gateway; nobody else is', async ({
    whiteboard,
    viewer,
    alan,
    patch,
  }) => {
    const viewers = [await whiteboard(0, viewer), await whiteboard(1, viewer)]
    const editor = await whiteboard(1, alan)
    for (const viewersCanBroadcast of [false, true]) {
      await patch({ viewersCanBroadcast })
      for (const client of viewers) {
        const told = await client.heard(
          'role:changed',
          ({ canBroadcast }) => canBroadcast === viewersCanBroadcast,
        )
        expect(told.role).toBe('viewer')
      }
    }
    for (const client of viewers) {
      client.say({ type: 'broadcast', event: 'wave', payload: client === viewers[0] ? 0 : 1 })
      await allHear([editor], client === viewers[0] ? 0 : 1)
      expect(client.closed).toBeUndefined()
    }
    expect(editor.messages.some(({ type }) => type === 'role:changed')).toBe(false)
  })

  test('CAST-5: that an editor becomes is bound by it from then on', async ({
    patch,
    whiteboard,
    alan,
    stack,
    boardId,
    ada,
  }) => {
    await patch({ viewersCanBroadcast: false })
    const editor = await whiteboard(0, alan)
    expect((await editor.heard('hello')).canBroadcast).toBe(true)
    await callApi(`${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`, {
      token: ada.accessToken,
      method: 'PUT',
      body: { role: 'viewer' },
    })
    const told = await editor.heard('role:changed')
    expect(told).toEqual({ type: 'role:changed', role: 'viewer', canBroadcast: false })
    editor.say({ type: 'broadcast', event: 'wave', payload: 1 })
    expect((await editor.heard('broadcast:rejected')).code).toBe('forbidden')
  })
})

test('CAST-5: a commenter broadcasts where viewers may not, and becomes one in place', async ({
  whiteboard,
  viewer,
  commenter,
  stack,
  boardId,
  ada,
  as,
  patch,
}) => {
  await addMember(stack, boardId, commenter, 'commenter')
  await patch({ viewersCanBroadcast: false })
  const [watching, other] = [await whiteboard(0, viewer), await whiteboard(1)]
  const commenting = await whiteboard(0, commenter)
  expect(await commenting.heard('hello')).toMatchObject({ role: 'commenter', canBroadcast: true })
  await as(ada, `/api/boards/${boardId}/members/${viewer.user.id}`, {
    method: 'PUT',
    body: { role: 'commenter' },
  })
  const told = await watching.heard('role:changed')
  expect(told).toEqual({ type: 'role:changed', role: 'commenter', canBroadcast: true })
  for (const client of [commenting, watching]) {
    const payload = await idOf(client)
    client.say({ type: 'broadcast', event: 'wave', payload })
    await allHear([other], payload)
  }
})

describe('what is too much', () => {
  const sized = (bytes: number) => {
    const frame = (text: string) =>
      JSON.stringify({ type: 'broadcast', event: 'text', payload: text })
    return frame('x'.repeat(bytes - frame('').length))
  }
  const nested = (depth: number) =>
    `{"type":"broadcast","event":"deep","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`

  test('CAST-6: is rejected with words, goes nowhere, and the connection goes on', async ({
    whiteboard,
    alan,
  }) => {
    const sender = await whiteboard()
    const others = [await whiteboard(0, alan), await whiteboard(1, alan)]
    const large = sized(MAX_BROADCAST_BYTES + 1)
    const deep = nested(MAX_VALUE_DEPTH + 1)
    const deepest = nested(7_000)
    for (const frame of [large, deep, sized(1_000_000), deepest]) sender.socket.send(frame)
    await sender.heard('broadcast:rejected', ({ seq }) => seq === 4)
    expect(sender.messages.filter(({ type }) => type === 'broadcast:rejected')).toEqual(
      [1, 2, 3, 4].map((seq) => ({ type: 'broadcast:rejected', seq, code: 'too_large' })),
    )
    sender.socket.send(sized(MAX_BROADCAST_BYTES))
    sender.socket.send(nested(MAX_VALUE_DEPTH))
    sender.say({ type: 'broadcast', event: 'end', payload: 'end' })
    await allHear(others, 'end')
    for (const other of others) {
      expect(broadcastsOf(other).map(({ event }) => event)).toEqual(['text', 'deep', 'end'])
    }
  })

  test('CAST-7 LIM-1: is rejected by its number where it is too often, and all else is handed on', async ({
    whiteboard,
    alan,
  }) => {
    const sender = await whiteboard()
    const other = await whiteboard(1, alan)
    const { limits } = await sender.heard('hello')
    expect(limits).toMatchObject({
      maxBroadcastBytes: MAX_BROADCAST_BYTES,
      broadcastsPerSecond: BROADCASTS_PER_SECOND,
      broadcastBurst: BROADCAST_BURST,
    })
    const COUNT = 3 * BROADCAST_BURST
    for (let i = 1; i <= COUNT; i++) {
      sender.say({ type: 'broadcast', event: 'count', payload: i, ack: true })
    }
    const answers = () =>
      sender.messages.filter(
        (message) => message.type === 'broadcast:ack' || message.type === 'broadcast:rejected',
      )
    await eventually('each is answered', () => answers().length === COUNT)
    const acknowledged = answers()
      .filter(({ type }) => type === 'broadcast:ack')
      .map(({ seq }) => seq)
    expect(acknowledged.length).toBeGreaterThanOrEqual(BROADCAST_BURST)
    expect(acknowledged.length).toBeLessThan(COUNT)
    expect(new Set(answers().map(({ seq }) => seq)).size).toBe(COUNT)
    for (const answer of answers()) {
      if (answer.type === 'broadcast:rejected') expect(answer.code).toBe('rate_limited')
    }
    await allHear([other], acknowledged.at(-1))
    expect(payloadsOf(other)).toEqual(acknowledged)
    expect(sender.closed).toBeUndefined()
  })

  test('CAST-7: takes nothing from the rate of presence, nor the other way round', async ({
    whiteboard,
    alan,
  }) => {
    const sender = await whiteboard()
    const other = await whiteboard(0, alan)
    for (let i = 1; i <= 500; i++) {
      sender.say({ type: 'presence:update', cursor: { x: i, y: 0 }, selection: [] })
    }
    for (let i = 1; i <= BROADCAST_BURST; i++) {
      sender.say({ type: 'broadcast', event: 'count', payload: i })
    }
    await allHear([other], BROADCAST_BURST)
    expect(payloadsOf(other)).toEqual(Array.from({ length: BROADCAST_BURST }, (_, i) => i + 1))
  })

  test('BAD-7: a broadcast with a field of its own closes with 4400 and reaches nobody', async ({
    whiteboard,
    alan,
  }) => {
    const sender = await whiteboard()
    const other = await whiteboard(0, alan)
    const forged = { type: 'broadcast', event: 'x', payload: 1, user: { id: alan.user.id } }
    sender.socket.send(JSON.stringify(forged))
    expect(await sender.closeCode()).toBe(CLOSE_CODES.MALFORMED)
    const fence = await whiteboard(1)
    fence.say({ type: 'broadcast', event: 'x', payload: 'fence' })
    await allHear([other], 'fence')
    expect(payloadsOf(other)).toEqual(['fence'])
  })
})

test('CAST-3 CAST-10: while Dragonfly is away it reaches those on the sender’s gateway, and says so', async ({
  whiteboard,
  redisProxy,
}) => {
  const cut = await startStack({ redisUrl: redisProxy.url })
  const eve = await signIn(cut.apiUrl, 'eve@example.com')
  const board = await createBoard(cut.apiUrl, eve.accessToken)
  const [sender, other] = [
    await whiteboard(cut.realtimeUrl, eve, board),
    await whiteboard(cut.realtimeUrl, eve, board),
  ]
  await redisProxy.proxy.stop()
  sender.say({ type: 'broadcast', event: 'wave', payload: 'near', ack: true })
  const rejected = await sender.heard('broadcast:rejected')
  expect(rejected).toEqual({ type: 'broadcast:rejected', seq: 1, code: 'relay_unavailable' })
  await allHear([other], 'near')
  const refused = await callApi(`${cut.apiUrl}/api/boards/${board}/broadcast`, {
    token: eve.accessToken,
    body: { event: 'wave', payload: 'far' },
  })
  expect(refused.body).toMatchObject({ status: 503, code: 'relay_unavailable' })
})
