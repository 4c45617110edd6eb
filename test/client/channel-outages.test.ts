import type { Channel, Client } from '@mindfuse/client'
import { eventually, startTcpProxy } from '@mindfuse/testing'
import { expect } from 'vitest'
import { lost, subscribed, testWithChannelClients } from '../support/channel-clients.ts'
import { addressOf } from '../support/sdk-fixtures.ts'

/** Clients, every other one on the second gateway. */
const CLIENTS = 6

/** The gateways are processes on a server of their own, which may lose everything. */
const test = testWithChannelClients({ gateways: 0 })
  .extend('stackOptions', { scope: 'file' }, ({ redis }) => ({ gateways: 0, redisUrl: redis.url }))
  .extend('gateways', async ({ startGateway, redis, workspaceId: _ }) =>
    Promise.all([0, 1].map(() => startGateway({ redisUrl: redis.url }))),
  )
  /** Where each proxy leads: to its own gateway, unless a test changes it. */
  .extend('ports', ({ gateways }) =>
    gateways.map(({ realtimeUrl }) => Number(new URL(realtimeUrl).port)),
  )
  /** What clients connect through. */
  .extend('proxies', ({ ports, atEnd }) =>
    Promise.all(
      ports.map(async (_, i) => {
        const proxy = await startTcpProxy(() => ports.slice(i, i + 1))
        atEnd(() => proxy.stop())
        return proxy
      }),
    ),
  )
  .extend('channels', async ({ proxies, connect, ada, alan, stack, topic }) => {
    const channels = proxies.flatMap((proxy, gateway) =>
      Array.from({ length: CLIENTS / 2 }, (_, i) => {
        const client: Client = connect(gateway === 0 ? ada : alan, {}, addressOf(stack, proxy))
        return client.channel(topic, { presence: { key: `${gateway}-${i}` } })
      }),
    )
    await Promise.all(channels.map((channel) => subscribed(channel)))
    await Promise.all(channels.map((channel, i) => channel.track({ at: i })))
    await agree(channels)
    return channels
  })

/** Waits until all channels know that each of them is present with the state that it tracks. */
async function agree(
  channels: Channel[],
  states: unknown[] = channels.map((_, i) => i),
): Promise<void> {
  const truth = states.map((at) => [at])
  for (const channel of channels) {
    const known = () =>
      Object.entries(channel.presenceState())
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, presents]) => presents.map(({ at }) => at))
    await eventually('all are present', () => {
      expect(known()).toEqual(truth)
      return true
    })
  }
}

/** What a channel receives from now on. */
function listen(channel: Channel): unknown[] {
  const received: unknown[] = []
  channel.on('broadcast', { event: 'n' }, ({ payload }) => received.push(payload))
  return received
}

test('after a cut, what was sent meanwhile arrives in order, and all are present', async ({
  channels,
  proxies,
}) => {
  const [hers, , , his] = channels as [Channel, Channel, Channel, Channel]
  const received = listen(his)
  const isAway = lost(hers)
  proxies[0]?.cut()
  await isAway
  const sends = [1, 2, 3].map((payload) => hers.send({ type: 'broadcast', event: 'n', payload }))
  const tracked = hers.track({ at: 'back' })
  expect(await Promise.all([...sends, tracked])).toEqual(['ok', 'ok', 'ok', 'ok'])
  await eventually('they arrive', () => received.length === 3)
  expect(received).toEqual([1, 2, 3])
  await agree(channels, ['back', 1, 2, 3, 4, 5])
})

test('after a gateway was killed, its clients are present through the other', async ({
  channels,
  gateways,
  ports,
}) => {
  const [surviving] = ports as [number, number]
  ports[1] = surviving
  const isAway = lost(channels[3])
  await gateways[1]?.stop('SIGKILL')
  await isAway
  await agree(channels)
  const received = listen(channels[0] as Channel)
  await channels[3]?.send({ type: 'broadcast', event: 'n', payload: 'from the other' })
  await eventually('it arrives', () => received.length === 1)
})

test('after Redis came back empty, presence is what is so', async ({ channels, redis }) => {
  await redis.stop()
  await channels[0]?.track({ at: 'while it was away' })
  await redis.start()
  await agree(channels, ['while it was away', 1, 2, 3, 4, 5])
  await channels[4]?.track({ at: 'after it' })
  await agree(channels, ['while it was away', 1, 2, 3, 'after it', 5])
})
