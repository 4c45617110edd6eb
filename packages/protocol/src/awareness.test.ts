import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { afterEach, describe, expect, test } from 'vitest'
import * as yAwareness from 'y-protocols/awareness'
import { Doc } from 'yjs'
import {
  AWARENESS_GONE,
  type AwarenessEntry,
  decodeAwarenessUpdate,
  encodeAwarenessUpdate,
  encodeAwarenessUpdates,
} from './awareness.ts'
import { MalformedFrameError } from './frames.ts'
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_ENTRIES } from './limits.ts'

const opened: yAwareness.Awareness[] = []
afterEach(() => {
  for (const awareness of opened.splice(0)) awareness.destroy()
})

/** An Awareness of y-protocols that nobody has said anything in. */
function newAwareness(): yAwareness.Awareness {
  const awareness = new yAwareness.Awareness(new Doc())
  awareness.setLocalState(null)
  opened.push(awareness)
  return awareness
}

const clock = fc.maxSafeNat().filter((value) => value < Number.MAX_SAFE_INTEGER)
const entry = fc.record({ clientId: fc.maxSafeNat(), clock, state: fc.json() })
const entries = fc.uniqueArray(entry, {
  selector: ({ clientId }) => clientId,
  maxLength: MAX_AWARENESS_ENTRIES,
})

const ada: AwarenessEntry = { clientId: 1, clock: 3, state: '{"name":"Ada","x":1.5}' }
const alan: AwarenessEntry = { clientId: 2 ** 40, clock: 300, state: '"é😀"' }

/** An update of one client whose id and clock are these bytes. */
function updateOf(clientId: number[], clockBytes: number[]): Uint8Array {
  return Uint8Array.from([1, ...clientId, ...clockBytes, 2, ...new TextEncoder().encode('{}')])
}

/** varUint of 2^53 - 1, the largest a double holds exactly. */
const MAX_SAFE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]
/** varUint of 2^53. */
const UNSAFE = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]
/** lib0 reads this, but what it writes for the number it read throws in every reader. */
const POISON = [...MAX_SAFE.slice(0, 7), 0x8f, 0x7f]

describe('an awareness update', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const expected = list.map((one) =>
          JSON.parse(one.state) === null ? { ...one, state: AWARENESS_GONE } : one,
        )
        expect(decodeAwarenessUpdate(encodeAwarenessUpdate(list))).toEqual(expected)
      }),
    )
  })

  test('is written byte for byte as y-protocols writes it', () => {
    const awareness = newAwareness()
    const update = encodeAwarenessUpdate([ada, alan])
    yAwareness.applyAwarenessUpdate(awareness, update, null)
    expect(awareness.getStates()).toEqual(
      new Map<number, unknown>([
        [ada.clientId, { name: 'Ada', x: 1.5 }],
        [alan.clientId, 'é😀'],
      ]),
    )
    const clientIds = [ada.clientId, alan.clientId]
    expect(yAwareness.encodeAwarenessUpdate(awareness, clientIds)).toEqual(update)
  })

  test('of y-protocols is read, states as their JSON text', () => {
    const awareness = newAwareness()
    awareness.setLocalState({ cursor: [1, 2] })
    const { clientID } = awareness
    const read = () =>
      decodeAwarenessUpdate(yAwareness.encodeAwarenessUpdate(awareness, [clientID]))
    const [present] = read()
    expect(present).toEqual({
      clientId: clientID,
      clock: awareness.meta.get(clientID)?.clock,
      state: '{"cursor":[1,2]}',
    })
    awareness.setLocalState(null)
    expect(read()).toEqual([
      { clientId: clientID, clock: present!.clock + 1, state: AWARENESS_GONE },
    ])
  })

  test('that says somebody is gone removes them at y-protocols', () => {
    const awareness = newAwareness()
    const apply = (one: AwarenessEntry) =>
      yAwareness.applyAwarenessUpdate(awareness, encodeAwarenessUpdate([one]), null)
    apply(ada)
    apply({ ...ada, clock: ada.clock + 1, state: AWARENESS_GONE })
    expect(awareness.getStates().size).toBe(0)
  })

  test('says gone in one way only, however its null is spaced', () => {
    const spaced = encodeAwarenessUpdate([{ ...ada, state: ' null\n' }])
    expect(decodeAwarenessUpdate(spaced)).toEqual([{ ...ada, state: AWARENESS_GONE }])
  })

  test('may be empty', () => {
    expect(decodeAwarenessUpdate(Uint8Array.of(0))).toEqual([])
    expect(encodeAwarenessUpdate([])).toEqual(Uint8Array.of(0))
  })

  test(`names at most ${MAX_AWARENESS_ENTRIES} clients`, () => {
    const named = (count: number) =>
      encodeAwarenessUpdate(Array.from({ length: count }, (_, i) => ({ ...ada, clientId: i })))
    expect(decodeAwarenessUpdate(named(MAX_AWARENESS_ENTRIES))).toHaveLength(MAX_AWARENESS_ENTRIES)
    expect(() => decodeAwarenessUpdate(named(MAX_AWARENESS_ENTRIES + 1))).toThrow(
      'too many awareness clients',
    )
  })
})

describe('refused as malformed', () => {
  const BAD_STATES = ['', 'undefined', '{', '{"a":1}x', "{'a':1}", 'NaN', '[1,]', '\u0000']
  test.each(BAD_STATES)('a state that is no JSON: %j', (state) => {
    const update = encodeAwarenessUpdate([ada, { ...alan, state }])
    expect(() => decodeAwarenessUpdate(update)).toThrow(MalformedFrameError)
  })

  test('a state that is no UTF-8', () => {
    const encoder = encoding.createEncoder()
    for (const value of [1, 1, 1]) encoding.writeVarUint(encoder, value)
    encoding.writeVarUint8Array(encoder, Uint8Array.of(0x22, 0xff, 0x22))
    expect(() => decodeAwarenessUpdate(encoding.toUint8Array(encoder))).toThrow(MalformedFrameError)
  })

  test('bytes after the last client', () => {
    const update = Uint8Array.from([...encodeAwarenessUpdate([ada]), 0])
    expect(() => decodeAwarenessUpdate(update)).toThrow('bytes after the awareness')
  })

  test('an update cut short anywhere, also within a larger buffer', () => {
    const update = encodeAwarenessUpdate([ada, alan])
    for (let end = 0; end < update.length; end++) {
      expect(() => decodeAwarenessUpdate(update.slice(0, end))).toThrow(MalformedFrameError)
      expect(() => decodeAwarenessUpdate(update.subarray(0, end))).toThrow(MalformedFrameError)
    }
  })

  test.each<[string, number[], number[]]>([
    ['a clientID above 2^53 - 1', UNSAFE, [1]],
    ['a clientID that cannot be written again', POISON, [1]],
    ['a clock above 2^53 - 1', [1], UNSAFE],
    ['a clock that cannot be written again', [1], POISON],
    ['a clock that leaves no room to say that the client is gone', [1], MAX_SAFE],
  ])('%s', (_, clientId, clockBytes) => {
    expect(() => decodeAwarenessUpdate(updateOf(clientId, clockBytes))).toThrow(MalformedFrameError)
  })

  test('and with no other error; what is let through y-protocols takes, also as gone', () => {
    const number = fc.oneof(
      fc.constantFrom(MAX_SAFE, UNSAFE, POISON),
      fc.nat(127).map((value) => [value]),
      fc
        .tuple(fc.array(fc.integer({ min: 128, max: 255 }), { maxLength: 10 }), fc.nat(127))
        .map(([head, last]) => [...head, last]),
    )
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.tuple(number, number).map(([clientId, at]) => updateOf(clientId, at)),
    )
    let taken = 0
    fc.assert(
      fc.property(hostile, (update) => {
        let list: AwarenessEntry[]
        try {
          list = decodeAwarenessUpdate(update)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrameError)
          return
        }
        taken += list.length
        const gone = list.map((one) => ({ ...one, clock: one.clock + 1, state: AWARENESS_GONE }))
        const awareness = newAwareness()
        for (const relayed of [list, gone]) {
          yAwareness.applyAwarenessUpdate(awareness, encodeAwarenessUpdate(relayed), null)
        }
        expect(awareness.getStates().size).toBe(0)
        awareness.destroy()
      }),
      { numRuns: 2_000 },
    )
    expect(taken).toBeGreaterThan(0)
  })
})

test('many entries become as few updates as can be, each of which is accepted', () => {
  const states = fc.string({ unit: 'grapheme', maxLength: 900 }).map((text) => JSON.stringify(text))
  const entry = fc.record({ clientId: fc.maxSafeNat(), clock: fc.nat(), state: states })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
      const updates = encodeAwarenessUpdates(entries)
      expect(updates.flatMap(decodeAwarenessUpdate)).toEqual(entries)
      for (const update of updates) expect(update.length).toBeLessThanOrEqual(MAX_AWARENESS_BYTES)
      // Of two that follow each other the entries would not have fitted into one, but for their heads.
      for (const [i, update] of updates.slice(1).entries()) {
        const both = [updates[i]!, update].flatMap(decodeAwarenessUpdate)
        const bytes = encodeAwarenessUpdate(both).length + 18 * both.length
        expect(both.length > MAX_AWARENESS_ENTRIES || bytes > MAX_AWARENESS_BYTES).toBe(true)
      }
    }),
  )
})

test('a state that is too large for an update is one by itself', () => {
  const large = { ...ada, state: JSON.stringify('x'.repeat(MAX_AWARENESS_BYTES)) }
  expect(encodeAwarenessUpdates([ada, large, alan])).toEqual(
    [ada, large, alan].map((entry) => encodeAwarenessUpdate([entry])),
  )
  expect(encodeAwarenessUpdates([])).toEqual([])
})
