import {
  decodeAwarenessUpdate,
  decodeFrame,
  encodeAwarenessEntry,
  encodeAwarenessUpdate,
} from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import { expect, test } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { Rates } from '../connection/rates.ts'
import { AwarenessOutcomes } from '../connection/traffic.ts'
import { BoardDelivery } from '../delivery/board-delivery.ts'
import { DeliveryClock } from '../delivery/delivery-clock.ts'
import { People } from '../person/people.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { BoardAwareness } from './board-awareness.ts'

/** A board whose members can be sent so many bytes before they have to catch up. */
function openBoard() {
  const members = new Set<Connection>()
  const clock = new DeliveryClock()
  const awareness = new BoardAwareness({
    boardId: 'board',
    members,
    delivery: new BoardDelivery(members, clock),
    relay: { isAlone: true, sendUnlessAlone: () => 0 } as unknown as BoardRelay,
    people: new People(),
    metrics: { awareness: new AwarenessOutcomes() },
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  const join = (id: string, room = Number.POSITIVE_INFINITY) => {
    const clocks = new Map<number, number>()
    let left = room
    const sendPresence = (frame: Uint8Array) => {
      if (left <= 0) return false
      left -= frame.length
      const decoded = decodeFrame(frame)
      if (decoded.kind !== 'awareness') return false
      for (const { clientId, clock } of decodeAwarenessUpdate(decoded.update)) {
        clocks.set(clientId, clock)
      }
      return true
    }
    const connection = {
      ...{ id, userId: id, connectedAt: 1, rates: new Rates(), isClosed: false, sendPresence },
      cork: (send: () => void) => send(),
    } as unknown as Connection
    members.add(connection)
    const present = (clientId: number, clock: number, bytes: number) => {
      const state = JSON.stringify('x'.repeat(bytes))
      const entry = encodeAwarenessEntry({ clientId, clock, state })
      awareness.receive(connection, encodeAwarenessUpdate([entry]))
    }
    const catchUp = () => {
      left = room
      awareness.sendStates(connection)
    }
    return { connection, clocks, present, catchUp }
  }
  return { join, flush: () => clock.flush() }
}

test('AW-7 PRES-8: a slow reader receives all states in the end, those that change meanwhile too', () => {
  const { join, flush } = openBoard()
  const talkers = Array.from({ length: 40 }, (_, i) => join(`${i}`))
  for (const [i, { present }] of talkers.entries()) present(i, 1, 60_000)
  flush()
  const reader = join('reader', 100_000)
  reader.catchUp()
  expect(reader.clocks.size).toBe(2)
  for (let round = 1; round <= 10; round++) reader.catchUp()
  talkers[0]?.present(0, 2, 10)
  for (let round = 1; round <= 10; round++) reader.catchUp()
  expect([...reader.clocks]).toEqual(
    expect.arrayContaining(talkers.map((_, i) => [i, i === 0 ? 2 : 1])),
  )
})
