import { eventually, type StockClient, type WhiteboardClient } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import { expect, inject } from 'vitest'
import { testWithTeam } from '../support/fixtures.ts'

const PEOPLE = 50
const STOCK_PEOPLE = 10
const LEAVE_DEADLINE_MS = 5_000

/** What comes before the kill is no claim of a test: a busy machine may take its time. */
const SETTLE_MS = 30_000

// The gateway of the stack survives; those that die are processes.
const test = testWithTeam(1 + PEOPLE)
  .extend('witness', { scope: 'file' }, ({ people }) => people[0]!)
  .extend('crowd', { scope: 'file' }, ({ people }) => people.slice(1))

const namesSeen = ({ provider }: StockClient) =>
  [...provider.awareness.getStates().values()].map(({ name }) => name).sort()

test('PRES-9: a killed gateway’s people are gone within 5 s, and no ghost is left', async ({
  annotate,
  startGateway,
  whiteboard,
  stack,
  witness,
  stock,
  crowd,
  boardId,
}) => {
  const doomed = await startGateway()
  const seer = await whiteboard(stack.realtimeUrl, witness)
  const stockSeer = stock(stack.realtimeUrl, witness)
  stockSeer.provider.awareness.setLocalState({ name: 'witness' })

  await Promise.all(
    crowd.map(async (who, i) => {
      if (i >= STOCK_PEOPLE) return whiteboard(doomed.realtimeUrl, who)
      const client = stock(doomed.realtimeUrl, who)
      client.provider.awareness.setLocalState({ name: who.user.id })
      return client.synced()
    }),
  )
  const heardOf = (client: WhiteboardClient, type: 'presence:join' | 'presence:leave') =>
    new Set(client.messages.flatMap((message) => (message.type === type ? [message.userId] : [])))
  const everybody = new Set(crowd.map(({ user }) => user.id))
  await eventually(
    'all have joined',
    () => {
      expect(heardOf(seer, 'presence:join')).toEqual(everybody)
      return true
    },
    SETTLE_MS,
  )
  await eventually(
    'all are aware',
    () => namesSeen(stockSeer).length === 1 + STOCK_PEOPLE,
    SETTLE_MS,
  )

  const killedAt = performance.now()
  await doomed.stop('SIGKILL')
  await eventually(
    'all have left',
    () => heardOf(seer, 'presence:leave').size === PEOPLE && namesSeen(stockSeer).length === 1,
    LEAVE_DEADLINE_MS,
  )
  await annotate(`left ${Math.round(performance.now() - killedAt)} ms after the kill`)
  expect(heardOf(seer, 'presence:leave')).toEqual(everybody)
  expect(namesSeen(stockSeer)).toEqual(['witness'])
  // A provider that lost its connection sees nobody either.
  expect(stockSeer.provider.wsconnected).toBe(true)

  const fresh = await startGateway()
  for (const realtimeUrl of [stack.realtimeUrl, fresh.realtimeUrl]) {
    const latecomer = await whiteboard(realtimeUrl, crowd[0]!)
    await latecomer.heard('presence:join', ({ userId }) => userId === witness.user.id)
    // Asked for its edits, it stands in a room that has read the store.
    await eventually('the board is loaded', () => latecomer.frames.length > 0)
    const present = () =>
      new Set(
        latecomer.messages.flatMap((message) =>
          message.type === 'presence:sync' ? message.presences.map(({ userId }) => userId) : [],
        ),
      )
    await eventually('the witness is present', () => present().has(witness.user.id))
    expect(present()).toEqual(new Set([witness.user.id, crowd[0]!.user.id]))
    expect([...heardOf(latecomer, 'presence:join')]).toEqual([witness.user.id])
    const stockLatecomer = stock(realtimeUrl, crowd[1]!)
    await eventually('the witness is seen', () => namesSeen(stockLatecomer).includes('witness'))
    expect(namesSeen(stockLatecomer).filter((name) => name)).toEqual(['witness'])
    stockLatecomer.destroy()
    latecomer.destroy()
    await eventually('the latecomers left', () => heardOf(seer, 'presence:leave').size === PEOPLE)
  }

  const redis = new Redis(inject('redisUrl'))
  const stored = () => redis.hlen(`board:{${boardId}}:presence`)
  await eventually('only the witness is stored', async () => (await stored()) === 2)
  expect(await redis.scard(`board:{${boardId}}:connections`)).toBe(2)
  redis.disconnect()
})

test.for([
  ['whose author is there to the end', false],
  ['whose author had left already', true],
])(
  'RELAY-7: edits %s outlive a gateway that relayed but could not store them',
  async ([_, leavesFirst], {
    startGateway,
    stock,
    stack,
    witness,
    whiteboard,
    crowd,
    boardId,
    readStored,
  }) => {
    const doomed = await startGateway()
    const reader = stock(stack.realtimeUrl, witness)
    const seer = await whiteboard(stack.realtimeUrl, witness)
    const [author] = crowd
    const writer = stock(doomed.realtimeUrl, author!)
    await Promise.all([reader.synced(), writer.synced()])

    await stack.stopApi()
    const shapes = writer.doc.getMap('shapes')
    for (let i = 0; i < 20; i++) shapes.set(`shape-${i}`, i)
    await eventually('they are relayed', () => reader.doc.getMap('shapes').size === 20)
    const left = () => seer.heard('presence:leave', ({ userId }) => userId === author!.user.id)
    if (leavesFirst) {
      writer.destroy()
      await left()
    }
    await doomed.stop('SIGKILL')
    writer.destroy()
    await left()
    const storedRows = () =>
      stack.database.query('SELECT user_id FROM board_updates WHERE board_id = $1', [boardId])
    expect(await storedRows()).toEqual([])

    await stack.startApi()
    const expected = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`shape-${i}`, i]))
    await eventually('they are stored', async () => (await storedRows()).length > 0)
    expect(await readStored()).toEqual(expected)
    const authors = new Set((await storedRows()).map((row) => row.user_id))
    expect(authors).toEqual(new Set([author!.user.id]))
  },
)
