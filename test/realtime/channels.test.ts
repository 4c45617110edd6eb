import { CLOSE_CODES, MAX_CHANNELS_PER_CONNECTION, MAX_PRESENCE_BYTES } from '@mindfuse/protocol'
import { type ChannelClient, callApi, eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWithChannels } from '../support/channels.ts'
import { createLink, openAsGuest } from '../support/guests.ts'
import { addMember } from '../support/people.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'

const test = testWithChannels({ gateways: 2 })

const OK = { type: 'channel:reply', status: 'ok' }

/** Life of the tokens under test: connecting and refreshing takes a slow machine a while. */
const LIFE_SECONDS = 4

/** The states that a client knows of a channel, by user. */
const statesOf = (client: ChannelClient, topic: string) =>
  Array.from(client.presenceOf(topic).values(), ({ user, state }) => [user.name, state]).sort()

const hasStates = (client: ChannelClient, topic: string, expected: unknown[]) =>
  eventually(`${JSON.stringify(expected)} are present`, () => {
    expect(statesOf(client, topic)).toEqual(expected)
    return true
  })

test('CHAN-1: the first message says who it is, and the limits', async ({ connect, ada }) => {
  const client = await connect(ada)
  const hello = await client.heard('hello')
  expect(client.messages[0]).toBe(hello)
  const { id, name } = ada.user
  expect(hello).toMatchObject({
    user: { id, name },
    limits: {
      channelsPerConnection: MAX_CHANNELS_PER_CONNECTION,
      maxPresenceBytes: MAX_PRESENCE_BYTES,
    },
  })
})

describe('CHAN-2: joining', () => {
  test('is for the members of a workspace, with their role', async ({
    connect,
    topic,
    ada,
    alan,
    viewer,
  }) => {
    const join = { type: 'channel:join', topic } as const
    const [adas, alans, others] = await Promise.all([ada, alan, viewer].map((who) => connect(who)))
    expect(await adas?.ask(join)).toMatchObject({ type: 'channel:joined', topic, role: 'owner' })
    expect(await alans?.ask(join)).toMatchObject({ role: 'editor', canBroadcast: true })
    const refused = { type: 'channel:reply', topic, status: 'error', code: 'channel_not_found' }
    expect(await others?.ask(join)).toMatchObject(refused)
    // Nor does it hear of anything there.
    await adas?.ask({ type: 'channel:broadcast', topic, event: 'hi', payload: 1 })
    await others?.ask(join)
    expect(others?.messages.some(({ type }) => type === 'channel:broadcast')).toBe(false)
  })

  test('of a workspace is neither for its guests nor for members of a board alone', async ({
    stack,
    connect,
    as,
    boardId,
    ada,
    viewer,
  }) => {
    await addMember(stack, boardId, viewer, 'owner')
    const { token } = await createLink(stack, boardId, ada, { role: 'editor' })
    const guest = await openAsGuest(stack, token, 'Gus')
    const { workspaceId } = (await as(ada, `/api/boards/${boardId}`)).body
    for (const who of [viewer, guest]) {
      const client = await connect(who, { join: [`board:${boardId}`] })
      const answer = await client.ask({ type: 'channel:join', topic: `workspace:${workspaceId}` })
      expect(answer).toMatchObject({ status: 'error', code: 'channel_not_found' })
    }
  })

  test('is for whoever may read a board, guests included', async ({
    stack,
    connect,
    boardId,
    ada,
    viewer,
    commenter,
  }) => {
    await addMember(stack, boardId, viewer, 'viewer')
    const { token } = await createLink(stack, boardId, ada, { role: 'commenter' })
    const guest = await openAsGuest(stack, token, 'Gus')
    const join = { type: 'channel:join', topic: `board:${boardId}` } as const
    expect(await (await connect(viewer)).ask(join)).toMatchObject({ role: 'viewer' })
    expect(await (await connect(guest)).ask(join)).toMatchObject({
      role: 'commenter',
      canBroadcast: true,
    })
    expect(await (await connect(commenter)).ask(join)).toMatchObject({ code: 'channel_not_found' })
  })

  test.for([
    '',
    'lobby',
    'board',
    'board:',
    'board:1',
    'workspace:lobby',
    'ID',
    'board:ID:ID',
    'user:ID',
    'workspace:BOARD',
    'board:WORKSPACE',
    'board:UPPER',
  ])('nothing else is a topic: %j', async (text, { connect, ada, boardId, workspaceId }) => {
    const topic = text
      .replaceAll('ID', boardId)
      .replace('BOARD', boardId)
      .replace('WORKSPACE', workspaceId)
      .replace('UPPER', boardId.toUpperCase())
    const client = await connect(ada)
    const answer = await client.ask({ type: 'channel:join', topic })
    expect(answer).toMatchObject({ topic, status: 'error', code: 'channel_not_found' })
  })

  test('happens once, until it is left', async ({ connect, topic, ada }) => {
    const client = await connect(ada, { join: [topic] })
    const join = { type: 'channel:join', topic } as const
    expect(await client.ask(join)).toMatchObject({ code: 'already_joined' })
    expect(await client.ask({ type: 'channel:leave', topic })).toMatchObject(OK)
    expect(await client.ask({ type: 'channel:leave', topic })).toMatchObject({ code: 'not_joined' })
    expect(await client.ask({ type: 'channel:presence', topic, state: 1 })).toMatchObject({
      code: 'not_joined',
    })
    const broadcast = { type: 'channel:broadcast', topic, event: 'hi', payload: 1 } as const
    expect(await client.ask(broadcast)).toMatchObject({ code: 'not_joined' })
    expect(await client.ask(join)).toMatchObject({ type: 'channel:joined' })
  })

  test('is not possible on the routes of boards, nor is a board on that of channels', async ({
    stack,
    ada,
    workspaceId,
    boardId,
  }) => {
    const headers = { authorization: `Bearer ${ada.accessToken}` }
    const codeAt = async (path: string) => {
      const url = stack.realtimeUrl.replace('ws', 'http').replace(/\/ws$/, path)
      return (await callApi(url, { headers })).body.code
    }
    for (const id of ['lobby', workspaceId, `workspace:${workspaceId}`]) {
      expect(await codeAt(`/ws/${id}`)).toBe('board_not_found')
    }
    for (const path of ['/channels', '/channels/', `/channels?boardId=${boardId}`]) {
      expect(await codeAt(path)).toBe('upgrade_required')
    }
    expect(await codeAt(`/channels/${boardId}`)).toBe('route_not_found')
  })
})

describe('CHAN-3: presence', () => {
  test('is what connections gave last, on every gateway', async ({ connect, topic, ada, alan }) => {
    const [adas, alans] = await Promise.all([
      connect(ada, { join: [topic] }),
      connect(alan, { gateway: 1, join: [topic] }),
    ])
    const say = (client: ChannelClient, state: unknown) =>
      client.ask({ type: 'channel:presence', topic, state })
    expect(await say(adas, { at: 'home' })).toMatchObject(OK)
    for (const client of [adas, alans]) await hasStates(client, topic, [['Ada', { at: 'home' }]])
    await say(alans, [1, 'two', null])
    await say(adas, 'away')
    const both = [
      ['Ada', 'away'],
      ['Alan', [1, 'two', null]],
    ]
    for (const client of [adas, alans]) await hasStates(client, topic, both)
    // Who joins later is sent all of it.
    for (const gateway of [0, 1]) {
      const later = await connect(ada, { gateway, join: [topic] })
      const first = await later.heard('channel:presence')
      expect(first).toMatchObject({ topic, full: true })
      await hasStates(later, topic, both)
    }

    await say(alans, null)
    for (const client of [adas, alans]) await hasStates(client, topic, [['Ada', 'away']])
    await adas.ask({ type: 'channel:leave', topic })
    await hasStates(alans, topic, [])
  })

  test('ends with its connection', async ({ connect, topic, ada, alan }) => {
    const [adas, alans] = await Promise.all([
      connect(ada, { join: [topic] }),
      connect(alan, { gateway: 1, join: [topic] }),
    ])
    await adas.ask({ type: 'channel:presence', topic, state: true })
    await hasStates(alans, topic, [['Ada', true]])
    adas.destroy()
    await hasStates(alans, topic, [])
  })

  test('is whose token it is, whatever a state says', async ({ connect, topic, ada }) => {
    const client = await connect(ada, { join: [topic] })
    const state = { user: { id: 'someone', name: 'Someone' }, connectionId: 'x' }
    await client.ask({ type: 'channel:presence', topic, state })
    await hasStates(client, topic, [['Ada', state]])
    const [[connectionId, presence] = []] = [...client.presenceOf(topic)]
    expect(presence?.user.id).toBe(ada.user.id)
    expect(connectionId).toBe((await client.heard('channel:joined')).connectionId)
  })

  test('that is too large or too deep is refused, and the state before stays', async ({
    connect,
    topic,
    ada,
  }) => {
    const client = await connect(ada, { join: [topic] })
    const say = (state: unknown) => client.ask({ type: 'channel:presence', topic, state })
    // With its quotes.
    expect(await say('é'.repeat(MAX_PRESENCE_BYTES / 2 - 1))).toMatchObject(OK)
    expect(await say('x')).toMatchObject(OK)
    const tooLarge = { status: 'error', code: 'too_large' }
    expect(await say('é'.repeat(MAX_PRESENCE_BYTES / 2))).toMatchObject(tooLarge)
    expect(await say(JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`))).toMatchObject(tooLarge)
    await hasStates(client, topic, [['Ada', 'x']])
  })
})

describe('CHAN-4: a broadcast', () => {
  const isWave = ({ event }: { event: string }) => event === 'wave'
  const wavesOf = (client: ChannelClient) =>
    client.messages.flatMap((message) =>
      message.type === 'channel:broadcast' && isWave(message) ? [message.payload] : [],
    )

  test('is received by every other member, once and in order, and with self by its sender', async ({
    connect,
    topic,
    ada,
    alan,
  }) => {
    const [adas, here, there] = await Promise.all([
      connect(ada, { join: [topic] }),
      connect(alan, { join: [topic] }),
      connect(alan, { gateway: 1, join: [topic] }),
    ])
    const wave = (payload: unknown, self?: boolean) =>
      adas.ask({
        ...{ type: 'channel:broadcast', topic, event: 'wave', payload },
        ...(self && { self }),
      })
    const payloads = [1, { two: [2] }, null]
    for (const payload of payloads) expect(await wave(payload)).toMatchObject(OK)
    for (const client of [here, there]) {
      await eventually('all have arrived', () => wavesOf(client).length === payloads.length)
      expect(wavesOf(client)).toEqual(payloads)
    }
    const { connectionId } = await adas.heard('channel:joined')
    const { id, name } = ada.user
    const sender = { topic, user: { id, name }, connectionId }
    expect(await there.heard('channel:broadcast', isWave)).toMatchObject(sender)
    expect(wavesOf(adas)).toEqual([])
    await wave('me', true)
    await eventually('it comes back', () => wavesOf(adas).length > 0)
    expect(wavesOf(adas)).toEqual(['me'])
  })

  test('stays in its channel', async ({ connect, topic, boardId, ada, alan, whiteboard }) => {
    const board = `board:${boardId}`
    const adas = await connect(ada, { join: [topic, board] })
    const alans = await connect(alan, { join: [board] })
    const drawing = await whiteboard(0, alan)
    await adas.ask({ type: 'channel:broadcast', topic, event: 'elsewhere', payload: 1 })
    await adas.ask({ type: 'channel:broadcast', topic: board, event: 'here', payload: 2 })
    await alans.heard('channel:broadcast', ({ event }) => event === 'here')
    const events = alans.messages.flatMap((message) => ('event' in message ? message.event : []))
    expect(events).toEqual(['here'])
    drawing.say({ type: 'ping' })
    await drawing.heard('pong')
    expect(drawing.messages.some(({ type }) => type === 'broadcast')).toBe(false)
  })

  test('of somebody who may not is rejected, also without a ref', async ({
    stack,
    connect,
    as,
    ada,
    viewer,
    boardId,
  }) => {
    await addMember(stack, boardId, viewer, 'viewer')
    const body = { viewersCanBroadcast: false }
    await as(ada, `/api/boards/${boardId}`, { method: 'PATCH', body })
    const topic = `board:${boardId}`
    const client = await connect(viewer, { join: [topic] })
    client.say({ type: 'channel:broadcast', topic, event: 'wave', payload: 1 })
    const refusal = await client.heard('channel:reply', ({ status }) => status === 'error')
    expect(refusal).toEqual({ type: 'channel:reply', topic, status: 'error', code: 'forbidden' })
    await as(ada, `/api/boards/${boardId}`, {
      method: 'PATCH',
      body: { viewersCanBroadcast: true },
    })
    const changed = await client.heard('role:changed')
    expect(changed).toEqual({ type: 'role:changed', topic, role: 'viewer', canBroadcast: true })
  })
})

test('CHAN-10: broadcasts over HTTP are received in the channel, on every gateway', async ({
  connect,
  as,
  ada,
  alan,
  viewer,
  topic,
  workspaceId,
  boardId,
}) => {
  const board = `board:${boardId}`
  const clients = await Promise.all([
    connect(ada, { join: [topic, board] }),
    connect(alan, { gateway: 1, join: [topic, board] }),
  ])
  const send = (path: string, payload: unknown, who = ada) =>
    as(who, `/api${path}/broadcast`, { body: { event: 'deployed', payload } })
  expect((await send(`/workspaces/${workspaceId}`, 1)).status).toBe(204)
  expect((await send(`/boards/${boardId}`, 2)).status).toBe(204)
  expect((await send(`/workspaces/${workspaceId}`, 3, viewer)).status).toBe(404)
  const { id, name } = ada.user
  const sent = { event: 'deployed', user: { id, name }, connectionId: null }
  for (const client of clients) {
    for (const [i, inChannel] of [topic, board].entries()) {
      const broadcast = await client.heard('channel:broadcast', (it) => it.topic === inChannel)
      expect(broadcast).toEqual({
        ...{ type: 'channel:broadcast', topic: inChannel, payload: i + 1 },
        ...sent,
      })
    }
  }
})

describe('CHAN-5: a removal from the workspace', () => {
  test('ends its channel within a second, on every gateway, and nothing else', async ({
    connect,
    as,
    ada,
    alan,
    topic,
    workspaceId,
    boardId,
  }) => {
    const board = `board:${boardId}`
    const here = await connect(alan, { join: [topic, board] })
    const there = await connect(alan, { gateway: 1, join: [topic] })
    const adas = await connect(ada, { join: [topic, board] })
    await here.ask({ type: 'channel:presence', topic, state: 1 })
    await hasStates(adas, topic, [['Alan', 1]])

    const member = `/api/workspaces/${workspaceId}/members/${alan.user.id}`
    const { status } = await as(ada, member, { method: 'DELETE' })
    const answeredAt = performance.now()
    expect(status).toBe(204)
    for (const client of [here, there]) {
      const closed = await client.heard('channel:closed')
      expect(closed).toMatchObject({ topic, code: CLOSE_CODES.ACCESS_REMOVED })
    }
    await hasStates(adas, topic, [])
    expect(performance.now() - answeredAt).toBeLessThan(1_000)
    await adas.ask({ type: 'channel:broadcast', topic, event: 'secret', payload: 1 })
    const join = { type: 'channel:join', topic } as const
    expect(await here.ask(join)).toMatchObject({ code: 'channel_not_found' })
    await adas.ask({ type: 'channel:broadcast', topic: board, event: 'hello', payload: 1 })
    await here.heard('channel:broadcast', ({ event }) => event === 'hello')
    expect(JSON.stringify([here.messages, there.messages])).not.toContain('secret')
    expect([here.closed, there.closed]).toEqual([undefined, undefined])
  })

  test('of a workspace that is deleted ends its channels with 4404', async ({
    connect,
    as,
    ada,
    alan,
    topic,
    workspaceId,
  }) => {
    const clients = await Promise.all([
      connect(ada, { join: [topic] }),
      connect(alan, { gateway: 1, join: [topic] }),
    ])
    await as(ada, `/api/workspaces/${workspaceId}`, { method: 'DELETE' })
    for (const client of clients) {
      const closed = await client.heard('channel:closed')
      expect(closed).toMatchObject({ topic, code: CLOSE_CODES.BOARD_GONE })
    }
  })

  test('a new role is applied in place', async ({ connect, as, ada, alan, topic, workspaceId }) => {
    const client = await connect(alan, { join: [topic] })
    const member = `/api/workspaces/${workspaceId}/members/${alan.user.id}`
    await as(ada, member, { method: 'PATCH', body: { role: 'admin' } })
    const changed = await client.heard('role:changed')
    expect(changed).toEqual({ type: 'role:changed', topic, role: 'owner', canBroadcast: true })
  })
})

test('CHAN-6: the end of the session closes the connection, with all of its channels', async ({
  connect,
  as,
  person,
  stack,
  workspaceId,
  topic,
  ada,
}) => {
  const eve = await person(`eve-${crypto.randomUUID()}`)
  await stack.database.query(
    `INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'member')`,
    [workspaceId, eve.user.id],
  )
  const adas = await connect(ada, { gateway: 1, join: [topic] })
  const eves = await connect(eve, { join: [topic] })
  const idle = await connect(eve)
  await eves.ask({ type: 'channel:presence', topic, state: 1 })
  await eventually('she is there', () => adas.presenceOf(topic).size === 1)
  await as(eve, '/api/auth/logout', { method: 'POST' })
  expect(await eves.closeCode()).toBe(CLOSE_CODES.SESSION_ENDED)
  expect(await idle.closeCode()).toBe(CLOSE_CODES.SESSION_ENDED)
  await eventually('she is gone', () => adas.presenceOf(topic).size === 0)
})

test('CHAN-6: the end of the token closes it too, unless a newer one is sent, for all channels', async ({
  connect,
  stack,
  topic,
  ada,
}) => {
  const shortLived = () => shortLivedToken(stack, ada, LIFE_SECONDS, { until: undefined })
  const [left, refreshed] = await Promise.all(
    Array.from({ length: 2 }, async () => {
      const { token, expiresAt } = await shortLived()
      const client = await connect({ accessToken: token }, { join: [topic] })
      return { client, expiresAt }
    }),
  )
  refreshed?.client.say({ type: 'auth:refresh', token: ada.accessToken })
  const warning = await left?.client.heard('auth:expiring')
  expect(Date.parse(warning?.expiresAt ?? '')).toBe(left?.expiresAt)
  expect(await left?.client.closeCode()).toBe(CLOSE_CODES.TOKEN_EXPIRED)
  expect(left?.client.messages.filter(({ type }) => type === 'auth:expiring')).toHaveLength(1)
  const wave = { type: 'channel:broadcast', topic, event: 'still here', payload: 1 } as const
  expect(await refreshed?.client.ask(wave)).toMatchObject(OK)
})

test('CHAN-6: a gateway that stops says so once, and closes with 1012', async ({
  connect,
  stack,
  topic,
  boardId,
  ada,
}) => {
  const client = await connect(ada, { gateway: 1, join: [topic, `board:${boardId}`] })
  await stack.restartGateway(1)
  expect(await client.closeCode()).toBe(CLOSE_CODES.SERVICE_RESTART)
  expect(client.messages.filter(({ type }) => type === 'going-away')).toHaveLength(1)
})
