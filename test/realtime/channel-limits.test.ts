import type { Socket } from 'node:net'
import {
  BROADCAST_BURST,
  CLOSE_CODES,
  MAX_BROADCAST_BYTES,
  MAX_CHANNELS_PER_CONNECTION,
  MAX_CHANNELS_PER_USER,
  PRESENCE_BURST,
} from '@mindfuse/protocol'
import { type ChannelClient, eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWithChannels } from '../support/channels.ts'

/** As many as a page with a sidebar of boards may have. */
const CHANNELS = 20

/** Broadcasts that are more than the kernel takes, as soon as their rates allow. */
const SENDERS = 8
const PAYLOAD = 'x'.repeat(15_000)

/** Bursts that are more than the rate allows for within the time of a test. */
const REJOINS = 10

/** Frames that a reader has to miss. */
const WITHHELD = 20

const test = testWithChannels()
  .extend(
    'newTopics',
    ({ newBoard }) =>
      // One after another: so many at once are more than a busy machine creates in time.
      async (count: number) => {
        const topics: string[] = []
        while (topics.length < count) topics.push(`board:${await newBoard()}`)
        return topics
      },
  )
  .extend('metric', ({ stack }) => async (name: string) => {
    const url = stack.realtimeUrl.replace('ws', 'http').replace(/\/ws$/, '/metrics')
    const text = await (await fetch(url)).text()
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  })

const lineOf = ({ socket }: ChannelClient) => (socket as unknown as { _socket: Socket })._socket

test('CHAN-7: one connection has many channels, each with its own presence and broadcasts', async ({
  connect,
  newTopics,
  metric,
  ada,
  alan,
}) => {
  const topics = await newTopics(CHANNELS)
  const [adas, alans] = [await connect(ada, { join: topics }), await connect(alan)]
  // All at once, as after a reconnect.
  await Promise.all(topics.map((topic) => alans.ask({ type: 'channel:join', topic })))
  expect(await metric('realtime_channels')).toBe(CHANNELS)
  expect(await metric('realtime_channel_members')).toBe(2 * CHANNELS)
  expect(await metric('realtime_connections')).toBe(2)
  for (const [i, topic] of topics.entries()) {
    await adas.ask({ type: 'channel:presence', topic, state: i })
    await adas.ask({ type: 'channel:broadcast', topic, event: 'number', payload: i })
  }
  for (const [i, topic] of topics.entries()) {
    const ofTopic = (message: { topic: string }) => message.topic === topic
    expect(await alans.heard('channel:broadcast', ofTopic)).toMatchObject({ payload: i })
    await eventually('she is there', () => alans.presenceOf(topic).size === 1)
    expect([...alans.presenceOf(topic).values()]).toMatchObject([{ state: i }])
  }
  alans.destroy()
  adas.destroy()
  await eventually('none is open', async () => (await metric('realtime_channels')) === 0)
  expect(await metric('realtime_channel_members')).toBe(0)
})

test('CHAN-7: a connection has 100 channels, a user 500, and joins have a rate', async ({
  connect,
  newTopics,
  metric,
  ada,
}) => {
  const topics = await newTopics(MAX_CHANNELS_PER_CONNECTION)
  const client = await connect(ada)
  const join = (topic: string) => client.ask({ type: 'channel:join', topic })
  const answers = await Promise.all(topics.map(join))
  expect(new Set(answers.map(({ type }) => type))).toEqual(new Set(['channel:joined']))
  const [first = '', more = ''] = [topics[0], ...(await newTopics(1))]
  expect(await join(more)).toMatchObject({ code: 'too_many_channels' })
  const codes = new Set<unknown>()
  while (!codes.has('rate_limited')) {
    await client.ask({ type: 'channel:leave', topic: first })
    const answer = await join(first)
    codes.add('code' in answer ? answer.code : answer.type)
  }
  expect(codes).toEqual(new Set(['channel:joined', 'rate_limited']))

  // Of the same topics: each connection is a member of its own.
  const connections = MAX_CHANNELS_PER_USER / MAX_CHANNELS_PER_CONNECTION
  for (let i = 1; i < connections; i++) await connect(ada, { join: topics })
  const joinOf = { type: 'channel:join', topic: more } as const
  const last = await connect(ada)
  await eventually('all that were left are joined again', async () => {
    await join(first)
    return (await metric('realtime_channel_members')) === MAX_CHANNELS_PER_USER
  })
  expect(await last.ask(joinOf)).toMatchObject({ code: 'too_many_channels' })
  client.destroy()
  await eventually('she may again', async () => (await last.ask(joinOf)).type === 'channel:joined')
})

test('CHAN-7: who leaves a channel and joins it again may not broadcast more for it', async ({
  connect,
  topic,
  ada,
}) => {
  const client = await connect(ada)
  for (let joins = 0; joins < REJOINS; joins++) {
    await client.ask({ type: 'channel:join', topic })
    for (let payload = 0; payload < BROADCAST_BURST; payload++) {
      client.say({ type: 'channel:broadcast', topic, event: 'flood', payload })
    }
    await client.ask({ type: 'channel:leave', topic })
  }
  await client.heard('channel:reply', (reply) => 'code' in reply && reply.code === 'rate_limited')
})

test('CHAN-8: states over their rate are conflated: the last one counts', async ({
  connect,
  topic,
  ada,
  alan,
}) => {
  const [adas, alans] = await Promise.all([ada, alan].map((who) => connect(who, { join: [topic] })))
  const count = 2 * PRESENCE_BURST
  for (let state = 1; state <= count; state++) adas?.say({ type: 'channel:presence', topic, state })
  await eventually('the last one arrives', () => {
    const [presence] = alans?.presenceOf(topic).values() ?? []
    return presence?.state === count
  })
})

test('CHAN-8: a message that is none closes its connection, and a large one is refused', async ({
  connect,
  topic,
  ada,
}) => {
  const [large, broken, binary] = await Promise.all(
    Array.from({ length: 3 }, () => connect(ada, { join: [topic] })),
  )
  const payload = 'x'.repeat(MAX_BROADCAST_BYTES)
  large?.say({ type: 'channel:broadcast', topic, event: 'large', payload })
  await large?.heard('error', ({ code }) => code === 'too_large')
  expect(await large?.ask({ type: 'channel:presence', topic, state: 1 })).toMatchObject({
    status: 'ok',
  })
  broken?.socket.send(JSON.stringify({ type: 'channel:join', topic, more: 1 }))
  binary?.socket.send(Buffer.of(3))
  expect(await broken?.closeCode()).toBe(CLOSE_CODES.MALFORMED)
  expect(await binary?.closeCode()).toBe(CLOSE_CODES.MALFORMED)
})

test('CHAN-9: a reader that stalls misses presence and broadcasts, and catches up with the state', async ({
  connect,
  topic,
  metric,
  ada,
  alan,
}) => {
  const senders = await Promise.all(
    Array.from({ length: SENDERS }, () => connect(ada, { join: [topic] })),
  )
  const [adas] = senders
  const stalled = await connect(alan, { join: [topic] })
  const reading = await connect(alan, { join: [topic] })
  lineOf(stalled).pause()
  const shed = () => metric('realtime_presence_shed_total')
  const before = await shed()
  await eventually('what it does not read is withheld', async () => {
    for (const sender of senders) {
      sender.say({ type: 'channel:broadcast', topic, event: 'tick', payload: PAYLOAD })
      sender.say({ type: 'channel:presence', topic, state: 'before' })
    }
    return (await shed()) > before + WITHHELD
  })
  for (const sender of senders.slice(1)) await sender.ask({ type: 'channel:leave', topic })
  await adas?.ask({ type: 'channel:presence', topic, state: 'last' })
  const hasLast = (client: ChannelClient) =>
    eventually('the last state is there', () => {
      const states = Array.from(client.presenceOf(topic).values(), ({ state }) => state)
      return states.length === 1 && states[0] === 'last'
    })
  await hasLast(reading)
  lineOf(stalled).resume()
  await hasLast(stalled)
  const full = stalled.messages.filter((message) => 'full' in message && message.full)
  expect(full.length).toBeGreaterThan(1)
  expect(stalled.closed).toBeUndefined()
})
