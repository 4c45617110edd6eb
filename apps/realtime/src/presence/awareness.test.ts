import {
  AWARENESS_GONE,
  type AwarenessEntry,
  encodeAwarenessEntry,
  MAX_AWARENESS_CLIENTS,
} from '@mindfuse/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { type AwarenessOwner, AwarenessStates } from './awareness.ts'

let now: number
let states: AwarenessStates
let ada: AwarenessOwner
let adaAgain: AwarenessOwner
let alan: AwarenessOwner
beforeEach(() => {
  now = 10_000
  states = new AwarenessStates(() => now)
  ada = { id: 'a', userId: 'ada', connectedAt: 1_000 }
  adaAgain = { id: 'b', userId: 'ada', connectedAt: 2_000 }
  alan = { id: 'c', userId: 'alan', connectedAt: 3_000 }
})

const at = (clientId: number, clock: number, state = `"${clock}"`): AwarenessEntry =>
  encodeAwarenessEntry({ clientId, clock, state })
const gone = (clientId: number, clock: number) => at(clientId, clock, AWARENESS_GONE)

const content = ({ clientId, clock, isGone, bytes }: AwarenessEntry): AwarenessEntry => ({
  clientId,
  clock,
  isGone,
  bytes: bytes.slice(),
})
const receive = (owner: AwarenessOwner, entries: AwarenessEntry[]) =>
  states.receive(owner, entries).map(content)

/** The states that a new client is sent. */
const present = () => states.entries.map(content)

describe('a client', () => {
  test('is introduced, changes and leaves', () => {
    expect(receive(ada, [at(1, 0)])).toEqual([at(1, 0)])
    expect(present()).toEqual([at(1, 0)])
    expect(receive(ada, [at(1, 1)])).toEqual([at(1, 1)])
    expect(present()).toEqual([at(1, 1)])
    expect(receive(ada, [gone(1, 2)])).toEqual([gone(1, 2)])
    expect(present()).toEqual([])
  })

  test('is independent of others', () => {
    states.receive(ada, [at(1, 1), at(2, 1)])
    states.receive(alan, [at(3, 1)])
    expect(present()).toEqual([at(1, 1), at(2, 1), at(3, 1)])
  })

  test('AW-4: counts only above the clock last seen', () => {
    states.receive(ada, [at(1, 5)])
    expect(receive(ada, [at(1, 4), at(1, 5, '"other"'), gone(1, 4)])).toEqual([])
    expect(present()).toEqual([at(1, 5)])
  })

  test('AW-4: may be gone at the same clock', () => {
    states.receive(ada, [at(1, 5)])
    expect(receive(ada, [gone(1, 5)])).toEqual([gone(1, 5)])
    expect(present()).toEqual([])
  })

  test('is kept apart from the bytes it came in, longer or shorter ones too', () => {
    for (const [i, state] of ['"12"', '"34"', '"5"', '"678"'].entries()) {
      const came = at(1, i, state)
      expect(receive(ada, [came])).toEqual([at(1, i, state)])
      came.bytes.fill(0)
      expect(present()).toEqual([at(1, i, state)])
    }
  })

  test('that is unknown cannot be gone', () => {
    expect(receive(ada, [gone(1, 9)])).toEqual([])
  })

  test('is found by its connection', () => {
    states.receive(ada, [at(1, 1), at(2, 1)])
    states.receive(alan, [at(3, 1)])
    expect(states.of(ada.id)).toMatchObject([at(1, 1), at(2, 1)])
    expect(states.of(adaAgain.id)).toEqual([])
  })

  test('that counts does so whatever else its sender sends', () => {
    states.receive(alan, [at(2, 5)])
    expect(receive(ada, [at(2, 6), at(1, 1), at(2, 7)])).toEqual([at(1, 1)])
    expect(present()).toEqual([at(2, 5), at(1, 1)])
  })
})

describe('a clientID', () => {
  test('AW-2: is not changed or removed by another person', () => {
    states.receive(ada, [at(1, 5)])
    expect(receive(alan, [at(1, 6), gone(1, 6), gone(1, 5)])).toEqual([])
    expect(present()).toEqual([at(1, 5)])
  })

  test('is not removed with another person, nor with one that tried to take it', () => {
    states.receive(ada, [at(1, 5)])
    states.receive(alan, [at(1, 6), at(2, 1)])
    expect(states.removeOwner(alan.id)).toEqual([gone(2, 2)])
    expect(present()).toEqual([at(1, 5)])
  })

  test("AW-3: is taken over by the same person's newer connection, and stays when the old one ends", () => {
    states.receive(ada, [at(1, 5)])
    expect(receive(adaAgain, [at(1, 6)])).toEqual([at(1, 6)])
    expect(states.removeOwner(ada.id)).toEqual([])
    expect(present()).toEqual([at(1, 6)])
    expect(states.removeOwner(adaAgain.id)).toEqual([gone(1, 7)])
  })

  test('belongs to the connection id, however often that is relayed', () => {
    states.receive({ ...ada }, [at(1, 5)])
    expect(receive({ ...ada }, [at(1, 6)])).toEqual([at(1, 6)])
    expect(states.removeOwner(ada.id)).toEqual([gone(1, 7)])
  })

  test("AW-3: is not taken over by the same person's older connection, which is broken", () => {
    states.receive(adaAgain, [at(1, 5)])
    expect(receive(ada, [at(1, 6), gone(1, 6)])).toEqual([])
    expect(present()).toEqual([at(1, 5)])
  })

  test('is not taken over with an old clock', () => {
    states.receive(ada, [at(1, 5)])
    expect(receive(adaAgain, [at(1, 5, '"other"')])).toEqual([])
    expect(states.removeOwner(adaAgain.id)).toEqual([])
    expect(present()).toEqual([at(1, 5)])
  })
})

describe('AW-9: a client that is gone', () => {
  beforeEach(() => {
    states.receive(ada, [at(1, 5)])
    states.removeOwner(ada.id)
  })

  test('is not brought back by a connection that repeats its state', () => {
    expect(receive(alan, [at(1, 4), at(1, 5), at(1, 6)])).toEqual([])
    expect(present()).toEqual([])
  })

  test('returns on another connection with any clock', () => {
    const returned = { ...ada, id: 'd', connectedAt: now + 1 }
    expect(receive(returned, [at(1, 5)])).toEqual([at(1, 5)])
    expect(receive(alan, [at(1, 6)])).toEqual([])
  })

  test('returns on its connection with a higher clock', () => {
    states.receive(alan, [at(2, 5)])
    states.receive(alan, [gone(2, 6)])
    expect(receive(alan, [at(2, 6)])).toEqual([])
    expect(receive(alan, [at(2, 7)])).toEqual([at(2, 7)])
  })

  test('is forgotten after a minute, or when a hundred others of the same person are gone', () => {
    states.receive(alan, [at(2, 1)])
    now += 60_001
    states.receive(alan, [gone(2, 2)])
    expect(receive(alan, [at(1, 5)])).toEqual([at(1, 5)])
    const flood = (owner: AwarenessOwner, first: number) => {
      for (let clientId = first; clientId < first + 100; clientId++) {
        states.receive(owner, [at(clientId, 1)])
        states.receive(owner, [gone(clientId, 2)])
      }
    }
    flood(ada, 3)
    expect(receive(alan, [at(2, 1)])).toEqual([])
    flood(alan, 200)
    expect(receive(alan, [at(2, 1)])).toEqual([at(2, 1)])
    expect(receive(alan, [at(299, 1)])).toEqual([])
  })

  test('AW-10: is not another person’s within a minute, though a new connection claims it', () => {
    const newcomer = { ...alan, id: 'newcomer', connectedAt: now + 1 }
    now += 59_999
    expect(receive(newcomer, [at(1, 100, '"Ada"')])).toEqual([])
    expect(receive({ ...newcomer, gatewayId: 'other' }, [at(1, 100, '"Ada"')])).toEqual([])
    const again = { ...ada, id: 'again', connectedAt: now }
    expect(receive(again, [at(1, 7)])).toEqual([at(1, 7)])
    states.removeOwner(again.id)
    expect(receive(newcomer, [at(1, 101)])).toEqual([])
    now += 60_001
    expect(receive(newcomer, [at(1, 102)])).toEqual([at(1, 102)])
  })
})

describe('a connection that ends', () => {
  test('AW-5: removes its clients, at a clock that others accept', () => {
    states.receive(ada, [at(1, 5), at(2, 8)])
    states.receive(alan, [at(3, 1)])
    expect(states.removeOwner(ada.id)).toEqual([gone(1, 6), gone(2, 9)])
    expect(present()).toEqual([at(3, 1)])
    expect(states.removeOwner(ada.id)).toEqual([])
  })

  test('without clients sends nothing', () => {
    expect(states.removeOwner(alan.id)).toEqual([])
  })
})

describe('a connection', () => {
  const many = (count: number) => Array.from({ length: count }, (_, clientId) => at(clientId, 1))

  test(`AW-6: introduces at most ${MAX_AWARENESS_CLIENTS} clients`, () => {
    const limit = MAX_AWARENESS_CLIENTS
    expect(receive(ada, many(limit))).toHaveLength(limit)
    expect(receive(ada, [at(100, 1)])).toEqual([])
    expect(receive(ada, [at(0, 2)])).toEqual([at(0, 2)])
    expect(receive(alan, [at(100, 1)])).toEqual([at(100, 1)])
    expect(present()).toHaveLength(limit + 1)
  })

  test('at its limit has room again for each client that leaves', () => {
    states.receive(ada, many(MAX_AWARENESS_CLIENTS))
    states.receive(ada, [gone(3, 2)])
    expect(receive(ada, [at(100, 1), at(101, 1)])).toEqual([at(100, 1)])
  })
})
