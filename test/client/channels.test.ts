import type { Channel, Client } from '@mindfuse/client'
import { callApi, createBoard, eventually, signIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { subscribed, testWithChannelClients } from '../support/channel-clients.ts'
import { addMember } from '../support/people.ts'
import { createCountingWebSocket } from '../support/sdk.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'

/** Channels of one client. */
const CHANNELS = 20

/** Life of a token that ends under way: connecting and renewing takes a slow machine a while. */
const LIFE_SECONDS = 8

const test = testWithChannelClients({ gateways: 2 })
  .extend('counting', ({ task: _ }) => createCountingWebSocket())
  .extend('adas', ({ connect, ada, counting }): Client => {
    return connect(ada, { environment: { WebSocket: counting.WebSocket } })
  })
  /** On the other gateway. */
  .extend('alans', ({ connect, alan, stack }): Client => {
    return connect(alan, {}, { ...stack, realtimeUrl: stack.realtimeUrls[1] as string })
  })

/** The broadcasts that a channel receives from now on. */
function listen(channel: Channel): unknown[] {
  const received: unknown[] = []
  channel.on('broadcast', { event: '*' }, ({ payload }) => received.push(payload))
  return received
}

const broadcast = (payload: unknown) => ({ type: 'broadcast', event: 'n', payload }) as const

const present = (channel: Channel) =>
  Object.entries(channel.presenceState()).map(([key, states]) => [key, states.map(({ at }) => at)])

test('twenty channels are one WebSocket, and each is its own', async ({
  stack,
  adas,
  alans,
  ada,
  alan,
  topic,
  counting,
}) => {
  const topics: `${'board' | 'workspace'}:${string}`[] = [topic]
  while (topics.length < CHANNELS) {
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    await addMember(stack, boardId, alan, 'viewer')
    topics.push(`board:${boardId}`)
  }
  const [hers, his] = [adas, alans].map((client) =>
    topics.map((each) =>
      client.channel(each, { presence: { key: client === adas ? 'ada' : 'alan' } }),
    ),
  ) as [Channel[], Channel[]]
  const received = his.map(listen)
  await Promise.all([...hers, ...his].map((channel) => subscribed(channel)))
  expect(counting.counted.attempts).toBe(1)
  await Promise.all(hers.map((channel, i) => channel.track({ at: i })))
  await Promise.all(hers.map((channel, i) => channel.send(broadcast(i))))
  await eventually('each has its own', () => {
    expect(received).toEqual(topics.map((_, i) => [i]))
    expect(his.map(present)).toEqual(topics.map((_, i) => [['ada', [i]]]))
    return true
  })
  const [first] = hers
  await adas.removeChannel(first as Channel)
  await eventually('she has left one', () => present(his[0] as Channel).length === 0)
  expect(his.slice(1).map(present)).toEqual(topics.slice(1).map((_, i) => [['ada', [i + 1]]]))
  expect(await adas.removeAllChannels()).toEqual(Array.from({ length: CHANNELS - 1 }, () => 'ok'))
  expect(adas.getChannels()).toEqual([])
  await eventually('she has left all', () => his.every((channel) => present(channel).length === 0))
  expect(counting.counted.attempts).toBe(1)
})

test('a channel that is refused ends, with a word, and no other does', async ({
  as,
  ada,
  adas,
  alans,
  topic,
}) => {
  const { id } = (await as(ada, '/api/workspaces', { body: { name: 'Hers' } })).body
  const his = alans.channel(topic)
  const received = listen(his)
  const statuses = await subscribed(his)
  const refused: unknown[] = []
  const channel = alans.channel(`workspace:${id}`)
  channel.subscribe((status, error) => refused.push([status, error?.code, error?.message]))
  await eventually('it is refused', () => refused.length > 0)
  expect(refused).toEqual([
    [
      'CHANNEL_ERROR',
      'channel_not_found',
      'This channel does not exist, or you have no access to it',
    ],
  ])
  expect([channel.state, alans.getChannels()]).toEqual(['closed', [his]])
  const hers = adas.channel(topic, { broadcast: { ack: true } })
  hers.subscribe()
  expect(await hers.send(broadcast(1))).toBe('ok')
  await eventually('it arrives', () => received.length === 1)
  expect(statuses).toEqual([['SUBSCRIBED']])
})

test('who is removed loses the channel, and keeps the others', async ({
  stack,
  as,
  ada,
  alan,
  adas,
  alans,
  workspaceId,
  topic,
  boardId,
}) => {
  const [workspace, board] = [alans.channel(topic), alans.channel(`board:${boardId}`)]
  const lost = await subscribed(workspace)
  const kept = await subscribed(board)
  const received = listen(board)
  await workspace.track({ at: 'work' })
  const watching = adas.channel(topic)
  await subscribed(watching)
  await eventually('he is there', () => present(watching).length === 1)
  const path = `${stack.apiUrl}/api/workspaces/${workspaceId}/members/${alan.user.id}`
  await callApi(path, { token: ada.accessToken, method: 'DELETE' })
  await eventually('his channel ends', () => workspace.state === 'closed')
  expect(lost).toEqual([['SUBSCRIBED'], ['CHANNEL_ERROR', 'access_removed']])
  await eventually('he is gone', () => present(watching).length === 0)
  await as(ada, `/api/boards/${boardId}/broadcast`, { body: { event: 'n', payload: 'still' } })
  await eventually('it arrives', () => received.length === 1)
  expect(kept).toEqual([['SUBSCRIBED']])
})

test('a token near its end is renewed under way, and nothing is lost', async ({
  stack,
  connect,
  alan,
  adas,
  topic,
}) => {
  const { WebSocket, counted } = createCountingWebSocket()
  let fetched = 0
  let firstEndsAt = 0
  const client = connect(alan, {
    environment: { WebSocket },
    getToken: async () => {
      if (fetched++ > 0) return alan
      const { token, endsAt } = await shortLivedToken(stack, alan, LIFE_SECONDS, {
        until: undefined,
      })
      firstEndsAt = endsAt
      return { accessToken: token, expiresAt: new Date(endsAt).toISOString() }
    },
  })
  const channel = client.channel(topic)
  const statuses = await subscribed(channel)
  const received = listen(channel)
  await eventually('the token is sent', () => counted.refreshes > 0)
  await eventually('the first has ended', () => Date.now() > firstEndsAt + 1_000)
  const hers = adas.channel(topic)
  hers.subscribe()
  await hers.send(broadcast('later'))
  await eventually('it arrives', () => received.length === 1)
  expect([statuses, counted.attempts, counted.errors]).toEqual([[['SUBSCRIBED']], 1, 0])
})

test('setAuth uses a token in place of the one before, and never that of another person', async ({
  connect,
  ada,
  alan,
  topic,
}) => {
  let fetched = 0
  const client = connect(alan, {
    getToken: async () => {
      fetched++
      return alan
    },
  })
  const { accessToken, expiresAt, user } = ada
  await client.setAuth(alan)
  const statuses = await subscribed(client.channel(topic))
  expect([statuses, fetched]).toEqual([[['SUBSCRIBED']], 0])
  await client.setAuth()
  expect(fetched).toBe(1)
  await expect(client.setAuth({ accessToken, expiresAt, userId: user.id })).rejects.toMatchObject({
    code: 'signed_in_as_another',
  })
  expect((await client.api.account.me()).id).toBe(alan.user.id)
})

test('the end of a session ends all channels', async ({ stack, connect, newBoard }) => {
  const eve = await signIn(stack.apiUrl, 'eve-of-channels@example.com')
  const boards = [await newBoard(), await newBoard()]
  for (const boardId of boards) await addMember(stack, boardId, eve, 'viewer')
  const channels = boards.map((boardId) => connect(eve).channel(`board:${boardId}`))
  const statuses = await Promise.all(channels.map(subscribed))
  await eve.browser.fetch(`${stack.apiUrl}/api/auth/logout`, { method: 'POST' })
  await eventually('both end', () => channels.every(({ state }) => state === 'closed'))
  for (const each of statuses) {
    expect(each[0]).toEqual(['SUBSCRIBED'])
    expect(each.at(-1)?.[0]).toBe('CHANNEL_ERROR')
  }
})

test('what is refused of a viewer is reported, and the channel goes on', async ({
  stack,
  as,
  ada,
  connect,
  viewer,
  adas,
  boardId,
}) => {
  await addMember(stack, boardId, viewer, 'viewer')
  await as(ada, `/api/boards/${boardId}`, { method: 'PATCH', body: { viewersCanBroadcast: false } })
  const client = connect(viewer)
  const troubles: string[] = []
  const topic = `board:${boardId}` as const
  const asked = client.channel(topic, { broadcast: { ack: true } })
  asked.on('system', {}, ({ extension, message }) => troubles.push(`${extension}: ${message}`))
  await subscribed(asked)
  expect(await asked.send(broadcast(1))).toBe('error')
  expect(troubles).toEqual(['broadcast: Viewers of this board cannot broadcast'])
  await client.removeChannel(asked)
  const unasked = client.channel(topic)
  unasked.on('system', {}, ({ error }) => troubles.push(error.code))
  await subscribed(unasked)
  expect(await unasked.send(broadcast(2))).toBe('ok')
  await eventually('the refusal is reported', () => troubles.includes('forbidden'))
  expect(await unasked.track({ at: 'here' })).toBe('ok')
  const hers = adas.channel(topic)
  await subscribed(hers)
  await eventually('the viewer is seen', () => present(hers).length === 1)
})

test('over HTTP only members send, and a refusal is thrown', async ({ connect, viewer, topic }) => {
  const channel = connect(viewer).channel(topic)
  await expect(channel.httpSend('n', 1)).rejects.toMatchObject({ code: 'workspace_not_found' })
})

test('a client that is closed has no channels', async ({ adas, alans, topic }) => {
  const his = alans.channel(topic)
  await subscribed(his)
  const hers = adas.channel(topic)
  const statuses = await subscribed(hers)
  await hers.track({ at: 'home' })
  await eventually('she is there', () => present(his).length === 1)
  await adas.close()
  expect(statuses).toEqual([['SUBSCRIBED'], ['CLOSED']])
  await eventually('she is gone', () => present(his).length === 0)
})
