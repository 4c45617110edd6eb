import { type ClientMessage, PRESENCE_BURST } from '@mindfuse/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { Rates } from '../connection/rates.ts'
import { Conflation } from './conflation.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const viewport = (x: number): ClientMessage => ({ type: 'presence:viewport', x, y: 0, zoom: 1 })
const refresh = (token: string): ClientMessage => ({ type: 'auth:refresh', token })

/** A sender that has used up its burst, and what was handled of its messages since. */
function exhausted() {
  const from = { rates: new Rates(), isClosed: false }
  for (let i = 0; i < PRESENCE_BURST; i++) from.rates.presence.take()
  const conflation = new Conflation<ClientMessage>()
  const handled: ClientMessage[] = []
  const receive = (message: ClientMessage) =>
    conflation.receive(from as Connection, message, (it) => handled.push(it))
  return { from, receive, handled }
}

test('LIM-4 AUTH-10: over the rate, the newest of each type is handled when the window ends', () => {
  const { receive, handled } = exhausted()
  for (const message of [viewport(1), refresh('a'), viewport(2), refresh('b')]) receive(message)
  expect(handled).toEqual([])
  vi.runAllTimers()
  expect(handled).toEqual([viewport(2), refresh('b')])
})

test('LIM-4: a message within the rate replaces a deferred one of its type', () => {
  const { from, receive, handled } = exhausted()
  receive(viewport(1))
  from.rates.presence.give(1)
  receive(viewport(2))
  vi.runAllTimers()
  expect(handled).toEqual([viewport(2)])
})

test('nothing is handled for a connection that has closed', () => {
  const { from, receive, handled } = exhausted()
  receive(viewport(1))
  from.isClosed = true
  vi.runAllTimers()
  expect(handled).toEqual([])
})
