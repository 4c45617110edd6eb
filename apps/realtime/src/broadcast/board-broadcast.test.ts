import { BROADCAST_COPY_BURST, type ServerMessage } from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BroadcastLedger } from '../connection/broadcast-ledger.ts'
import type { Connection } from '../connection/connection.ts'
import { BoardBroadcast } from './board-broadcast.ts'
import { numberedAnswer } from './numbered-answer.ts'

/** So many are on the board that a broadcast is as many copies. */
const MEMBERS = 1_000

let members: Set<Connection>
let sent: Map<Uint8Array, number>
let messages: ServerMessage[]
let relayed: Uint8Array[]
let outcomes: string[]
let board: BoardBroadcast

beforeEach(() => {
  vi.useFakeTimers()
  members = new Set()
  sent = new Map()
  messages = []
  relayed = []
  outcomes = []
  for (let i = 0; i < MEMBERS; i++) members.add(connect(`member ${i}`))
  board = new BoardBroadcast({
    topic: 'board',
    members,
    relay: { broadcast: async (frame) => void relayed.push(frame) },
    log: createLogger({ service: 'test', level: 'silent' }),
    encode: (broadcast) => Buffer.from(JSON.stringify(broadcast)),
    onOutcome: (outcome) => outcomes.push(outcome),
  })
})
afterEach(() => vi.useRealTimers())

/** A connection, as far as broadcasts know one. */
function connect(id: string): Connection {
  return {
    id,
    user: { id, name: id },
    canBroadcast: true,
    broadcasts: new BroadcastLedger(),
    sendBroadcast: (frame: Uint8Array) => sent.set(frame, (sent.get(frame) ?? 0) + 1),
    sendMessage: (message: ServerMessage) => messages.push(message),
  } as unknown as Connection
}

/** Lets another member speak each time, so that nobody is over a rate of their own. */
function broadcast(times: number): void {
  for (const from of [...members].slice(0, times)) {
    board.receive(from, { event: 'wave', payload: from.id }, numberedAnswer(from))
  }
}

test('a frame is encoded once, for the clients here and for the other gateways', () => {
  broadcast(1)
  expect([...sent.values()]).toEqual([MEMBERS - 1])
  expect([...sent.keys()]).toEqual(relayed)
})

test('CAST-11: the copies of a board are bounded, however many people broadcast', () => {
  const most = BROADCAST_COPY_BURST / MEMBERS
  broadcast(most + 5)
  expect(relayed).toHaveLength(most)
  const rejected = { type: 'broadcast:rejected', seq: 1, code: 'rate_limited' }
  expect(messages).toEqual(Array(5).fill(rejected))
  expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(5)
  // Broadcasts from elsewhere are dropped: their own gateway delivered them already.
  board.receiveRelayed(new Uint8Array(1))
  expect(sent.size).toBe(most)

  vi.advanceTimersByTime(100)
  for (let i = 0; i < 10; i++) board.receiveRelayed(Uint8Array.of(i))
  expect(sent.size).toBe(most + 5)
})

test('CAST-11: a client without permission uses up none of them', () => {
  const [mute] = members
  Object.assign(mute as Connection, { canBroadcast: false })
  const answer = numberedAnswer(mute as Connection)
  for (let i = 0; i < 1_000; i++) {
    board.receive(mute as Connection, { event: 'wave', payload: 1 }, answer)
  }
  expect(new Set(outcomes)).toEqual(new Set(['forbidden']))
  members.delete(mute as Connection)
  broadcast(1)
  expect(relayed).toHaveLength(1)
})
