import { type ChannelClient, eventually } from '@mindfuse/testing'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { testWithChannels } from '../support/channels.ts'

/** Clients of each gateway. */
const CLIENTS = 4

/** How soon everybody knows what is so, milliseconds. */
const SOON_MS = 1_000

/** A dead gateway is known by its lease, which lasts for 3 seconds. */
const DEAD_MS = 5_000

const RUNS = Number(process.env.CHANNEL_RUNS ?? 5)

/** The gateways are processes on a server of their own, which may lose everything. */
const test = testWithChannels({ gateways: 0 })
  .extend('stackOptions', { scope: 'file' }, ({ redis }) => ({ gateways: 0, redisUrl: redis.url }))
  .extend('gateways', async ({ startGateway, redis, workspaceId: _ }) =>
    Promise.all([0, 1].map(() => startGateway({ redisUrl: redis.url }))),
  )
  .extend('realtimeUrls', ({ gateways }) => gateways.map(({ realtimeUrl }) => realtimeUrl))
  .extend('room', ({ connect, topic, ada, alan }) => {
    return new Room(topic, (gateway, join) =>
      connect(gateway === 0 ? ada : alan, { gateway, ...(join && { join: [topic] }) }),
    )
  })

type Connect = (gateway: number, join: boolean) => Promise<ChannelClient>

/** Clients in one channel, and what each of them has to know. */
class Room {
  readonly #topic: string
  readonly #connect: Connect
  /** What is so: the states by place. */
  readonly truth = new Map<number, unknown>()
  readonly clients = new Map<number, ChannelClient>()
  readonly #joined = new Set<number>()

  constructor(topic: string, connect: Connect) {
    this.#topic = topic
    this.#connect = connect
  }

  /** How many messages of presence there were. */
  get received(): number {
    return Array.from(
      this.clients.values(),
      ({ messages }) => messages.filter(({ type }) => type === 'channel:presence').length,
    ).reduce((sum, count) => sum + count, 0)
  }

  /** Even places are on the first gateway. */
  async connect(place: number): Promise<void> {
    this.clients.set(place, await this.#connect(place % 2, true))
    this.#joined.add(place)
  }

  async give(place: number, state: unknown): Promise<void> {
    if (!this.#joined.has(place)) return
    await this.#ask(place, { type: 'channel:presence', topic: this.#topic, state })
    if (state === null) this.truth.delete(place)
    else this.truth.set(place, state)
  }

  async toggle(place: number): Promise<void> {
    const isJoined = this.#joined.delete(place)
    this.truth.delete(place)
    const type = isJoined ? 'channel:leave' : 'channel:join'
    await this.#ask(place, { type, topic: this.#topic })
    if (!isJoined) this.#joined.add(place)
  }

  async reconnect(place: number): Promise<void> {
    this.forget(place)
    await this.connect(place)
  }

  /** A client is gone. */
  forget(place: number): void {
    this.clients.get(place)?.destroy()
    this.clients.delete(place)
    this.#joined.delete(place)
    this.truth.delete(place)
  }

  /** Waits until each member knows exactly what is so. @returns how long it took, milliseconds */
  async agrees(withinMs: number): Promise<number> {
    const startedAt = performance.now()
    const expected = [...this.truth.values()].map((state) => JSON.stringify(state)).sort()
    for (const place of this.#joined) {
      const client = this.clients.get(place)
      const known = () =>
        Array.from(client?.presenceOf(this.#topic).values() ?? [], ({ state }) =>
          JSON.stringify(state),
        ).sort()
      await eventually(
        `client ${place} knows ${expected}`,
        () => {
          expect(known()).toEqual(expected)
          return true
        },
        withinMs,
      )
    }
    return performance.now() - startedAt
  }

  async #ask(place: number, message: Parameters<ChannelClient['ask']>[0]): Promise<void> {
    const answer = await this.clients.get(place)?.ask(message)
    expect(answer).not.toHaveProperty('code')
  }
}

const place = fc.nat(2 * CLIENTS - 1)

/** Something that a client does. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('give' as const), place, fc.jsonValue()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('toggle' as const), place, fc.constant(null)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('reconnect' as const), place, fc.constant(null)) },
)

async function fill(room: Room): Promise<void> {
  for (let i = 0; i < 2 * CLIENTS; i++) {
    await room.connect(i)
    await room.give(i, { at: i })
  }
}

test('CHAN-3: whatever clients of two gateways do, all know within a second what is so', async ({
  room,
  annotate,
}) => {
  await fill(room)
  let worst = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      await Promise.all(
        Array.from(room.clients.keys(), async (client) => {
          for (const [what, at, state] of steps) if (at === client) await room[what](at, state)
        }),
      )
      worst = Math.max(worst, await room.agrees(SOON_MS))
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
  await annotate(`at most ${Math.round(worst)} ms`)
})

test('CHAN-3: what gateways repeat to each other is not sent again', async ({
  room,
  topic,
  redis,
  atEnd,
}) => {
  const subscriber = new Redis(redis.url)
  atEnd(() => subscriber.disconnect())
  await fill(room)
  await room.agrees(SOON_MS)
  const before = room.received
  let announcements = 0
  subscriber.on('message', () => announcements++)
  await subscriber.subscribe(`board:${topic}`)
  await eventually('both have announced all that they have', () => announcements >= 6)
  expect(room.received).toBe(before)
})

test('CHAN-3: also after a gateway was killed, and after the store came back empty', async ({
  room,
  gateways,
  redis,
  annotate,
}) => {
  await fill(room)
  await room.agrees(SOON_MS)

  await redis.stop()
  // On one gateway, which needs nothing for it; the other is told when the store is back.
  await room.give(0, 'given while it was away')
  await room.toggle(2)
  await redis.start()
  const empty = await room.agrees(DEAD_MS)
  await room.reconnect(1)
  await room.give(1, 'after it')
  await room.agrees(SOON_MS)

  await gateways[1]?.stop('SIGKILL')
  for (let i = 1; i < 2 * CLIENTS; i += 2) room.forget(i)
  const killed = await room.agrees(2 * DEAD_MS)
  await annotate(`${Math.round(empty)} ms after the store, ${Math.round(killed)} ms after the kill`)
})
