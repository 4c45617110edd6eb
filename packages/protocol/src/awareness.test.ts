import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { afterEach, describe, expect, test } from 'vitest'
import * as yAwareness from 'y-protocols/awareness'
import { Doc } from 'yjs'
import {
  AWARENESS_GONE,
  type AwarenessEntry,
  decodeAwarenessUpdate,
  encodeAwarenessEntry,
  encodeAwarenessFrames,
  encodeAwarenessUpdate,
} from './awareness.ts'
import { decodeFrame, encodeAwareness, MalformedFrameError } from './frames.ts'
import { MAX_AWARENESS_BYTES, MAX_AWARENESS_ENTRIES } from './limits.ts'
import { MAX_VALUE_DEPTH } from './yjs/limits.ts'

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
const entry = fc
  .record({ clientId: fc.maxSafeNat(), clock, state: fc.json() })
  .map(encodeAwarenessEntry)
const entries = fc.uniqueArray(entry, {
  selector: ({ clientId }) => clientId,
  maxLength: MAX_AWARENESS_ENTRIES,
})

const ada = { clientId: 1, clock: 3, state: '{"name":"Ada","x":1.5}' }
const alan = { clientId: 2 ** 40, clock: 300, state: '"é😀"' }

const updateOfStates = (...states: { clientId: number; clock: number; state: string }[]) =>
  encodeAwarenessUpdate(states.map(encodeAwarenessEntry))

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
        expect(decodeAwarenessUpdate(encodeAwarenessUpdate(list))).toEqual(list)
      }),
    )
  })

  test('is written byte for byte as y-protocols writes it', () => {
    const awareness = newAwareness()
    const update = updateOfStates(ada, alan)
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
    const clock = awareness.meta.get(clientID)!.clock
    const state = '{"cursor":[1,2]}'
    expect(present).toEqual(encodeAwarenessEntry({ clientId: clientID, clock, state }))
    awareness.setLocalState(null)
    const gone = { clientId: clientID, clock: clock + 1, state: AWARENESS_GONE }
    expect(read()).toEqual([encodeAwarenessEntry(gone)])
  })

  test('of a removal removes the client in y-protocols', () => {
    const awareness = newAwareness()
    const apply = (one: typeof ada) =>
      yAwareness.applyAwarenessUpdate(awareness, updateOfStates(one), null)
    apply(ada)
    apply({ ...ada, clock: ada.clock + 1, state: AWARENESS_GONE })
    expect(awareness.getStates().size).toBe(0)
  })

  test.each([' null\n', 'null'])('is a removal if the state is %j', (state) => {
    expect(decodeAwarenessUpdate(updateOfStates({ ...ada, state }))).toMatchObject([
      { clientId: ada.clientId, clock: ada.clock, isGone: true },
    ])
  })

  test('may be empty', () => {
    expect(decodeAwarenessUpdate(Uint8Array.of(0))).toEqual([])
    expect(encodeAwarenessUpdate([])).toEqual(Uint8Array.of(0))
  })

  test(`names at most ${MAX_AWARENESS_ENTRIES} clients`, () => {
    const named = (count: number) =>
      updateOfStates(...Array.from({ length: count }, (_, i) => ({ ...ada, clientId: i })))
    expect(decodeAwarenessUpdate(named(MAX_AWARENESS_ENTRIES))).toHaveLength(MAX_AWARENESS_ENTRIES)
    expect(() => decodeAwarenessUpdate(named(MAX_AWARENESS_ENTRIES + 1))).toThrow(
      'too many clients',
    )
  })
})

describe('refused as malformed', () => {
  const BAD_STATES = ['', 'undefined', '{', '{"a":1}x', "{'a':1}", 'NaN', '[1,]', '\u0000']
  test.each(BAD_STATES)('a state that is no JSON: %j', (state) => {
    const update = updateOfStates(ada, { ...alan, state })
    expect(() => decodeAwarenessUpdate(update)).toThrow(MalformedFrameError)
  })

  test('a state that is no UTF-8', () => {
    const encoder = encoding.createEncoder()
    for (const value of [1, 1, 1]) encoding.writeVarUint(encoder, value)
    encoding.writeVarUint8Array(encoder, Uint8Array.of(0x22, 0xff, 0x22))
    expect(() => decodeAwarenessUpdate(encoding.toUint8Array(encoder))).toThrow(MalformedFrameError)
  })

  test('a state that nests deeper than anybody can write it again', () => {
    const nested = (depth: number) =>
      updateOfStates({ ...ada, state: '['.repeat(depth) + ']'.repeat(depth) })
    expect(decodeAwarenessUpdate(nested(MAX_VALUE_DEPTH))).toHaveLength(1)
    expect(() => decodeAwarenessUpdate(nested(MAX_VALUE_DEPTH + 1))).toThrow(MalformedFrameError)
  })

  test('more clients than its bytes hold', () => {
    expect(() => decodeAwarenessUpdate(Uint8Array.of(9, 1, 1, 1, 0x30))).toThrow(
      MalformedFrameError,
    )
  })

  test('bytes after the last client', () => {
    const update = Uint8Array.from([...updateOfStates(ada), 0])
    expect(() => decodeAwarenessUpdate(update)).toThrow('1 bytes too many')
  })

  test('an update cut short anywhere, also within a larger buffer', () => {
    const update = updateOfStates(ada, alan)
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
        const gone = list.map(({ clientId, clock }) =>
          encodeAwarenessEntry({ clientId, clock: clock + 1, state: AWARENESS_GONE }),
        )
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

/** The updates in frames that a gateway writes. */
const updatesOf = (frames: readonly Uint8Array[]) =>
  frames.map((bytes) => {
    const frame = decodeFrame(bytes)
    return frame.kind === 'awareness' ? frame.update : expect.fail(`a frame of ${frame.kind}`)
  })

test('many entries become as few frames as can be, whose updates are accepted', () => {
  const states = fc.string({ unit: 'grapheme', maxLength: 900 }).map((text) => JSON.stringify(text))
  const entry = fc
    .record({ clientId: fc.maxSafeNat(), clock: fc.nat(), state: states })
    .map(encodeAwarenessEntry)
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
      const updates = updatesOf(encodeAwarenessFrames(entries))
      expect(updates.flatMap(decodeAwarenessUpdate)).toEqual(entries)
      for (const update of updates) expect(update.length).toBeLessThanOrEqual(MAX_AWARENESS_BYTES)
      // Of two that follow each other the first entry of the second did not fit into the first.
      for (const [i, update] of updates.slice(1).entries()) {
        const first = decodeAwarenessUpdate(updates[i]!)
        const more = encodeAwarenessUpdate([...first, decodeAwarenessUpdate(update)[0]!])
        const isFull = first.length === MAX_AWARENESS_ENTRIES || more.length > MAX_AWARENESS_BYTES
        expect(isFull).toBe(true)
      }
    }),
  )
})

test('a state that is too large for an update has a frame to itself', () => {
  const large = encodeAwarenessEntry({
    ...ada,
    state: JSON.stringify('x'.repeat(MAX_AWARENESS_BYTES)),
  })
  const [small, other] = [ada, alan].map(encodeAwarenessEntry) as [AwarenessEntry, AwarenessEntry]
  expect(encodeAwarenessFrames([small, large, other])).toEqual(
    [small, large, other].map((entry) => encodeAwareness(encodeAwarenessUpdate([entry]))),
  )
  expect(encodeAwarenessFrames([])).toEqual([])
})
