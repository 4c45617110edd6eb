import type { SharedState } from '@mindfuse/shared-state'
import { eventually, type StockClient, type WhiteboardClient } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWithTeam } from '../support/fixtures.ts'
import type { StackOptions } from '../support/stack.ts'

const CONVERGENCE_MS = 5_000

/** How long the load may take to build up where other tests keep the machine busy. */
const BUSY_MACHINE_MS = 30_000

const LOSS = 0.1
const SEED = Math.floor(Math.random() * 2 ** 32)

/** A test of six people on two gateways. */
const testOn = (options: StackOptions) =>
  testWithTeam(6, { gateways: 2, ...options })
    /** Waits until all of them and Postgres have one document. @returns after how many milliseconds */
    .extend(
      'converge',
      ({ readStored }) =>
        async (boardId: string, drawers: StockClient[]): Promise<number> => {
          const stoppedAt = performance.now()
          await eventually(
            'all have one document',
            async () => {
              const [first = '', ...others] = drawers.map((drawer) => sorted(shapesOf(drawer)))
              if (others.some((shapes) => shapes !== first)) return false
              return sorted(await readStored(boardId)) === first
            },
            CONVERGENCE_MS,
          )
          return Math.round(performance.now() - stoppedAt)
        },
    )

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

const lossyTest = testOn({ spoil })
const restartTest = testOn({}).extend('stackOptions', { scope: 'file' }, ({ redis }) => ({
  gateways: 2,
  redisUrl: redis.url,
}))

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
  lossyTest(
    'RELAY-3 RELAY-5 PRES-11: documents and presence become one within 5 s of the last edit',
    async ({ annotate, newBoard, stock, people, whiteboard, converge, readStored }) => {
      const boardId = await newBoard()
      const drawers = [0, 1, 0, 1].map((gateway, person) =>
        stock(gateway, people[person]!, boardId),
      )
      await Promise.all(drawers.map((drawer) => drawer.synced()))
      const pointers = await Promise.all([
        whiteboard(0, people[4]!, boardId),
        whiteboard(1, people[5]!, boardId),
        whiteboard(0, people[0]!, boardId),
        whiteboard(1, people[1]!, boardId),
      ])
      const load = keepBusy(drawers, pointers)
      await eventually('some time has passed', () => load.turn() >= 100, BUSY_MACHINE_MS)
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
            [...seen].some(
              ([id, x]) => id === people[person]!.user.id && (person < 4 || x === last),
            ),
          )
          return seen.size === 6 && moved
        })
      }

      const fresh = [stock(0, people[4]!, boardId), stock(1, people[5]!, boardId)]
      await Promise.all(fresh.map((client) => client.synced()))
      for (const client of fresh) {
        expect(shapesOf(client)).toEqual(await readStored(boardId))
      }
    },
  )

  lossyTest(
    'PRES-11: whoever leaves leaves no ghost, however much of that is lost',
    async ({ newBoard, whiteboard, people, stock }) => {
      const boardId = await newBoard()
      const seers = [
        await whiteboard(0, people[0]!, boardId),
        await whiteboard(1, people[0]!, boardId),
      ]
      const stockSeers = [stock(0, people[0]!, boardId), stock(1, people[0]!, boardId)]
      // Many come and go, so that of some every word of their going is lost.
      for (let round = 0; round < 10; round++) {
        const guests = [0, 1].flatMap((gateway) =>
          [1, 2, 3].map((person) => stock(gateway, people[person]!, boardId)),
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
    },
  )

  lossyTest(
    'RELAY-8: a gateway that nobody of the board is on any more is forgotten',
    async ({ newBoard, whiteboard, people }) => {
      // Of many boards, the word of the last one’s leaving is lost for some.
      const boardIds = await Promise.all(Array.from({ length: 30 }, () => newBoard()))
      const seers = await Promise.all(boardIds.map((boardId) => whiteboard(0, people[0]!, boardId)))
      const guests = await Promise.all(
        boardIds.map((boardId) => whiteboard(1, people[1]!, boardId)),
      )
      for (const seer of seers)
        await eventually('both are there', () => presenceSeen(seer).size === 2)
      for (const guest of guests) guest.destroy()
      for (const seer of seers) {
        await eventually('the guest left', () => presenceSeen(seer).size === 1)
      }
    },
  )
})

describe('with a Redis-protocol server that comes back empty', () => {
  restartTest(
    'RELAY-6 PRES-10: work goes on without it, and all is right within 5 s of its return',
    async ({ annotate, newBoard, stock, people, whiteboard, redis, converge }) => {
      const boardId = await newBoard()
      const otherBoard = await newBoard()
      const drawers = [0, 1, 0, 1].map((gateway, person) =>
        stock(gateway, people[person]!, boardId),
      )
      await Promise.all(drawers.map((drawer) => drawer.synced()))
      const pointers = [
        await whiteboard(0, people[4]!, boardId),
        await whiteboard(1, people[5]!, boardId),
      ]
      for (const pointer of pointers) {
        await eventually('everybody is seen', () => presenceSeen(pointer).size === 6)
      }
      const neighbour = await whiteboard(0, people[0]!, boardId)
      const load = keepBusy(drawers, pointers)
      await eventually('the load is on', () => load.turn() > 20, BUSY_MACHINE_MS)
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
      const newcomers = [
        await whiteboard(0, people[0]!, otherBoard),
        await whiteboard(1, people[1]!, otherBoard),
      ]

      await redis.start()
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
        const joiner = await whiteboard(gateway, people[2]!, boardId)
        await eventually('a joiner sees everybody', () => presenceSeen(joiner).size === 6)
      }
      for (const { messages } of [...pointers, neighbour]) {
        expect(messages.filter(({ type }) => type === 'presence:leave')).toEqual([])
      }
    },
  )
})
