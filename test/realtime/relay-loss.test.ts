import type { SharedState } from '@mindfuse/shared-state'
import {
  connectStockClient,
  connectWhiteboard,
  eventually,
  type RedisServer,
  type SignedIn,
  type StockClient,
  startRedis,
  type WhiteboardClient,
} from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createTeam, storedShapes } from '../support/people.ts'
import { pickPort } from '../support/ports.ts'
import { type Stack, startStack } from '../support/stack.ts'

const CONVERGENCE_MS = 5_000
const LOSS = 0.1
const SEED = Math.floor(Math.random() * 2 ** 32)

let stack: Stack
let people: SignedIn[]
let newBoard: () => Promise<string>
const clients: { destroy(): void }[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
})

async function start(options: Parameters<typeof startStack>[0]): Promise<void> {
  stack = await startStack({ ...options, gateways: 2 })
  const team = await createTeam(stack, 6)
  people = team.people
  newBoard = team.newBoard
}

async function whiteboard(gateway: number, boardId: string, person: number) {
  const realtimeUrl = stack.realtimeUrls[gateway]!
  const token = people[person]!.accessToken
  const client = await connectWhiteboard({ realtimeUrl, boardId, token })
  clients.push(client)
  return client
}

function stock(gateway: number, boardId: string, person: number): StockClient {
  const realtimeUrl = stack.realtimeUrls[gateway]!
  const token = people[person]!.accessToken
  const client = connectStockClient({ realtimeUrl, boardId, token })
  clients.push(client)
  return client
}

/** Draws, and moves pointers, every few milliseconds until told to stop. */
function keepBusy(drawers: StockClient[], pointers: WhiteboardClient[]) {
  let turn = 0
  const timer = setInterval(() => {
    turn++
    for (const [i, { doc, provider }] of drawers.entries()) {
      const shapes = doc.getMap('shapes')
      shapes.set(`${i}-${turn}`, turn)
      if (turn % 5 === 0) shapes.delete(`${i}-${turn - 4}`)
      doc.getMap('shapes').set('contested', `${i}-${turn}`)
      provider.awareness.setLocalState({ turn, of: i })
    }
    for (const pointer of pointers) {
      pointer.say({ type: 'presence:update', cursor: { x: turn, y: 0 }, selection: [] })
    }
  }, 20)
  return {
    turn: () => turn,
    stop: () => clearInterval(timer),
  }
}

const shapesOf = ({ doc }: StockClient) => doc.getMap('shapes').toJSON()
const sorted = (shapes: object) => JSON.stringify(Object.entries(shapes).sort())

/** Waits until all of them and Postgres have one document. @returns after how many milliseconds */
async function converge(boardId: string, drawers: StockClient[]): Promise<number> {
  const stoppedAt = performance.now()
  await eventually(
    'all have one document',
    async () => {
      const [first = '', ...others] = drawers.map((drawer) => sorted(shapesOf(drawer)))
      if (others.some((shapes) => shapes !== first)) return false
      return sorted(await storedShapes(stack, boardId)) === first
    },
    CONVERGENCE_MS,
  )
  return Math.round(performance.now() - stoppedAt)
}

/** Whom a client believes present, and where: what it heard, applied in order. */
function presenceSeen({ messages }: WhiteboardClient): Map<string, number | undefined> {
  const people = new Set<string>()
  const cursors = new Map<string, { userId: string; x: number | undefined }>()
  for (const message of messages) {
    if (message.type === 'presence:join') people.add(message.userId)
    if (message.type === 'presence:leave') {
      people.delete(message.userId)
      for (const [id, { userId }] of cursors) if (userId === message.userId) cursors.delete(id)
    }
    if (message.type !== 'presence:sync') continue
    if (message.full) cursors.clear()
    for (const { connectionId, userId, cursor } of message.presences) {
      cursors.set(connectionId, { userId, x: cursor?.x })
    }
  }
  const ownId = messages.find((message) => message.type === 'hello')?.user.id
  return new Map(
    [...cursors.values()]
      .filter(({ userId }) => userId === ownId || people.has(userId))
      .map(({ userId, x }) => [userId, x]),
  )
}

describe(`with ${LOSS * 100} % of relay messages lost (seed ${SEED})`, () => {
  let random = SEED
  /** mulberry32 */
  const next = () => {
    random = (random + 0x6d2b79f5) | 0
    let t = Math.imul(random ^ (random >>> 15), 1 | random)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  let lost = 0
  const spoil = (sharedState: SharedState): SharedState => ({
    ...sharedState,
    relay: {
      ...sharedState.relay,
      subscribe: (boardId, listener) =>
        sharedState.relay.subscribe(boardId, (message) => {
          if (next() < LOSS) lost++
          else listener(message)
        }),
    },
  })
  beforeAll(() => start({ spoil }))
  afterAll(() => stack.stop())

  test('RELAY-3 RELAY-5 PRES-11: documents and presence become one within 5 s of the last edit', async ({
    annotate,
  }) => {
    const boardId = await newBoard()
    const drawers = [0, 1, 0, 1].map((gateway, person) => stock(gateway, boardId, person))
    await Promise.all(drawers.map((drawer) => drawer.synced()))
    const pointers = await Promise.all([
      whiteboard(0, boardId, 4),
      whiteboard(1, boardId, 5),
      whiteboard(0, boardId, 0),
      whiteboard(1, boardId, 1),
    ])
    const load = keepBusy(drawers, pointers)
    await eventually('some time has passed', () => load.turn() >= 100)
    load.stop()
    await annotate(`converged in ${await converge(boardId, drawers)} ms, ${lost} lost`)
    expect(lost).toBeGreaterThan(10)

    const last = load.turn()
    const states = drawers.map((_, of) => `${of}:${last}`)
    for (const { provider } of drawers) {
      await eventually('all awareness is seen', () => {
        const seen = [...provider.awareness.getStates().values()]
        return states.every((state) => seen.some(({ of, turn }) => `${of}:${turn}` === state))
      })
    }
    for (const pointer of pointers) {
      await eventually('everybody is seen where they are', () => {
        const seen = presenceSeen(pointer)
        const moved = [0, 1, 4, 5].every((person) =>
          [...seen].some(([id, x]) => id === people[person]!.user.id && (person < 4 || x === last)),
        )
        return seen.size === 6 && moved
      })
    }

    const fresh = [stock(0, boardId, 4), stock(1, boardId, 5)]
    await Promise.all(fresh.map((client) => client.synced()))
    for (const client of fresh) {
      expect(shapesOf(client)).toEqual(await storedShapes(stack, boardId))
    }
  })

  test('PRES-11: whoever leaves leaves no ghost, however much of that is lost', async () => {
    const boardId = await newBoard()
    const seers = [await whiteboard(0, boardId, 0), await whiteboard(1, boardId, 0)]
    const stockSeers = [stock(0, boardId, 0), stock(1, boardId, 0)]
    // Many come and go, so that of some every word of their going is lost.
    for (let round = 0; round < 10; round++) {
      const guests = [0, 1].flatMap((gateway) =>
        [1, 2, 3].map((person) => stock(gateway, boardId, person)),
      )
      for (const { provider } of guests) provider.awareness.setLocalState({ guest: true })
      await Promise.all(guests.map((guest) => guest.synced()))
      for (const guest of guests) guest.destroy()
    }
    for (const seer of seers) {
      await eventually('only one is left', () => presenceSeen(seer).size === 1)
    }
    for (const { provider } of stockSeers) {
      await eventually('nobody’s awareness is left', () =>
        [...provider.awareness.getStates().values()].every(({ guest }) => !guest),
      )
    }
  })

  test('RELAY-8: a gateway that nobody of the board is on any more is forgotten', async () => {
    // Of many boards, the word of the last one’s leaving is lost for some.
    const boardIds = await Promise.all(Array.from({ length: 30 }, () => newBoard()))
    const seers = await Promise.all(boardIds.map((boardId) => whiteboard(0, boardId, 0)))
    const guests = await Promise.all(boardIds.map((boardId) => whiteboard(1, boardId, 1)))
    for (const seer of seers)
      await eventually('both are there', () => presenceSeen(seer).size === 2)
    for (const guest of guests) guest.destroy()
    for (const seer of seers) {
      await eventually('the guest left', () => presenceSeen(seer).size === 1, 20_000)
    }
  })
})

describe('with a Redis-protocol server that comes back empty', () => {
  let redis: RedisServer
  let port: number
  beforeAll(async () => {
    port = await pickPort()
    redis = await startRedis({ port })
    await start({ redisUrl: redis.url })
  })
  afterAll(async () => {
    await stack.stop()
    await redis.stop()
  })

  test('RELAY-6 PRES-10: work goes on without it, and all is right within 5 s of its return', async ({
    annotate,
  }) => {
    const boardId = await newBoard()
    const otherBoard = await newBoard()
    const drawers = [0, 1, 0, 1].map((gateway, person) => stock(gateway, boardId, person))
    await Promise.all(drawers.map((drawer) => drawer.synced()))
    const pointers = [await whiteboard(0, boardId, 4), await whiteboard(1, boardId, 5)]
    for (const pointer of pointers) {
      await eventually('everybody is seen', () => presenceSeen(pointer).size === 6)
    }
    const neighbour = await whiteboard(0, boardId, 0)
    const load = keepBusy(drawers, pointers)
    await eventually('the load is on', () => load.turn() > 20)
    await redis.stop()
    const downAt = load.turn()

    await eventually('local presence goes on', () => {
      const x = presenceSeen(neighbour).get(people[4]!.user.id)
      return x !== undefined && x > downAt + 20
    })
    await eventually('local edits go on', () =>
      drawers[2]!.doc.getMap('shapes').has(`0-${downAt + 51 + ((4 - (downAt % 5)) % 5)}`),
    )
    // Whom nobody could tell the other gateway of.
    const newcomers = [await whiteboard(0, otherBoard, 0), await whiteboard(1, otherBoard, 1)]

    redis = await startRedis({ port })
    const back = performance.now()
    for (const newcomer of newcomers) {
      await eventually(
        'the newcomers meet',
        () => presenceSeen(newcomer).size === 2,
        CONVERGENCE_MS,
      )
    }
    for (const [i, pointer] of pointers.entries()) {
      const other = people[5 - i]!.user.id
      const from = load.turn()
      await eventually(
        'the other gateway’s pointer moves again',
        () => (presenceSeen(pointer).get(other) ?? 0) > from,
        CONVERGENCE_MS,
      )
    }
    const presenceMs = Math.round(performance.now() - back)
    load.stop()
    await annotate(
      `presence in ${presenceMs} ms after the return, ` +
        `documents in ${await converge(boardId, drawers)} ms after the last edit`,
    )
    for (const gateway of [0, 1]) {
      const joiner = await whiteboard(gateway, boardId, 2)
      await eventually('a joiner sees everybody', () => presenceSeen(joiner).size === 6)
    }
    for (const { messages } of [...pointers, neighbour]) {
      expect(messages.filter(({ type }) => type === 'presence:leave')).toEqual([])
    }
  })
})
