import { BROADCAST_COPY_BURST, type ServerMessage } from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BroadcastLedger } from '../connection/broadcast-ledger.ts'
import type { Connection } from '../connection/connection.ts'
import { BoardBroadcast } from './board-broadcast.ts'

/** So many are on the board that a broadcast is as many copies. */
const MEMBERS = 1_000

let members: Set<Connection>
let sent: Map<Uint8Array, number>
let told: ServerMessage[]
let relayed: Uint8Array[]
let outcomes: string[]
let board: BoardBroadcast

beforeEach(() => {
  vi.useFakeTimers()
  members = new Set()
  sent = new Map()
  told = []
  relayed = []
  outcomes = []
  for (let i = 0; i < MEMBERS; i++) members.add(connect(`member ${i}`))
  board = new BoardBroadcast({
    boardId: 'board',
    members,
    relay: { broadcast: async (frame) => void relayed.push(frame) },
    log: createLogger({ service: 'test', level: 'silent' }),
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
    sendMessage: (message: ServerMessage) => told.push(message),
  } as unknown as Connection
}

/** Lets another member speak each time, so that nobody is over a rate of their own. */
function say(times: number): void {
  for (const from of [...members].slice(0, times)) {
    board.receive(from, { type: 'broadcast', event: 'wave', payload: from.id })
  }
}

test('a frame is encoded once, for everybody here and for the other gateways', () => {
  say(1)
  expect([...sent.values()]).toEqual([MEMBERS - 1])
  expect([...sent.keys()]).toEqual(relayed)
})

test('CAST-11: copies that leave a board are bounded, however many people speak', () => {
  const most = BROADCAST_COPY_BURST / MEMBERS
  say(most + 5)
  expect(relayed).toHaveLength(most)
  const rejected = { type: 'broadcast:rejected', seq: 1, code: 'rate_limited' }
  expect(told).toEqual(Array(5).fill(rejected))
  expect(outcomes.filter((outcome) => outcome === 'rate_limited')).toHaveLength(5)
  // What others say elsewhere is dropped: it was handed on already.
  board.receiveRelayed(new Uint8Array(1))
  expect(sent.size).toBe(most)

  vi.advanceTimersByTime(100)
  for (let i = 0; i < 10; i++) board.receiveRelayed(Uint8Array.of(i))
  expect(sent.size).toBe(most + 5)
})

test('CAST-11: whoever may not speak uses up nothing of it', () => {
  const [mute] = members
  Object.assign(mute as Connection, { canBroadcast: false })
  const message = { type: 'broadcast', event: 'wave', payload: 1 } as const
  for (let i = 0; i < 1_000; i++) board.receive(mute as Connection, message)
  expect(new Set(outcomes)).toEqual(new Set(['forbidden']))
  members.delete(mute as Connection)
  say(1)
  expect(relayed).toHaveLength(1)
})
