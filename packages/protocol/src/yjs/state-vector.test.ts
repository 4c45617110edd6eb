import fc from 'fast-check'
import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { inspectUpdate } from './inspect-update.ts'
import { MAX_CLOCK } from './limits.ts'
import { MalformedStateVectorError } from './malformed-state-vector-error.ts'
import {
  advance,
  covers,
  decodeStateVector,
  encodeStateVector,
  overlaps,
  type StateVector,
} from './state-vector.ts'

const client = fc.oneof(fc.nat(5), fc.maxSafeNat())
const clock = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: MAX_CLOCK }))
const stateVector = fc
  .uniqueArray(fc.tuple(client, clock), { selector: ([id]) => id, maxLength: 8 })
  .map((entries) => new Map(entries))

function bytes(...values: number[]): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const value of values) encoding.writeVarUint(encoder, value)
  return encoding.toUint8Array(encoder)
}

/** The edits of some clients, each a text update of one or more characters. */
const edits = fc
  .array(fc.record({ actor: fc.nat(2), text: fc.string({ minLength: 1, maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) => {
    const updates: Uint8Array[] = []
    const docs = [0, 1, 2].map((actor) => {
      const doc = new Y.Doc()
      doc.clientID = 10 + actor
      doc.on('update', (update: Uint8Array) => updates.push(update))
      return doc
    })
    for (const { actor, text } of steps) docs[actor]?.getText('t').insert(0, text)
    return updates
  })

describe('encoding', () => {
  test('a decoded state vector is the one encoded, without the clients that are at 0', () => {
    fc.assert(
      fc.property(stateVector, (sv) => {
        const known = [...sv].filter(([, at]) => at > 0)
        expect(decodeStateVector(encodeStateVector(sv))).toEqual(new Map(known))
      }),
    )
  })

  test('Yjs reads what we write and we read what Yjs writes, byte for byte', () => {
    fc.assert(
      fc.property(edits, (updates) => {
        const doc = new Y.Doc()
        for (const update of updates) Y.applyUpdate(doc, update)
        const written = Y.encodeStateVector(doc)
        expect(decodeStateVector(written)).toEqual(Y.decodeStateVector(written))
        expect(encodeStateVector(decodeStateVector(written))).toEqual(written)
      }),
    )
  })

  const hostile: [string, Uint8Array, string][] = [
    ['no bytes', bytes(), 'unexpected end'],
    ['more clients than bytes', bytes(2 ** 40, 1, 1), 'more than the bytes hold'],
    ['bytes too many', bytes(1, 1, 1, 0), '1 bytes too many'],
    ['a client twice', bytes(2, 7, 1, 7, 2), 'client twice'],
    ['a clock that no update may reach', bytes(1, 7, MAX_CLOCK + 1), 'clock above'],
    ['an unsafe client id', Uint8Array.of(1, ...Array(7).fill(0xff), 0x7f, 1), 'safe integer'],
  ]
  test.each(hostile)('refuses %s', (_, input, message) => {
    expect(() => decodeStateVector(input)).toThrow(MalformedStateVectorError)
    expect(() => decodeStateVector(input)).toThrow(message)
  })

  test('throws nothing else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (input) => {
        try {
          const sv = decodeStateVector(input)
          expect(sv).toEqual(new Map([...Y.decodeStateVector(input)].filter(([, at]) => at > 0)))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedStateVectorError)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('advance', () => {
  test('follows what Yjs knows, in whatever order and merged however updates come', () => {
    fc.assert(
      fc.property(edits, fc.infiniteStream(fc.nat(1000)), (updates, random) => {
        const pick = (n: number): number => (random.next().value as number) % n
        const known: StateVector = new Map()
        const doc = new Y.Doc()
        for (let i = 0; i < updates.length * 3; i++) {
          const chosen = Array.from({ length: 1 + pick(3) }, () => updates[pick(updates.length)])
          const update = Y.mergeUpdates(chosen as Uint8Array[])
          const before = new Map(known)
          if (advance(known, inspectUpdate(update)) === 'gap') {
            expect(known).toEqual(before)
            const probe = new Y.Doc()
            Y.applyUpdate(probe, Y.encodeStateAsUpdate(doc))
            Y.applyUpdate(probe, update)
            expect(probe.store.pendingStructs).not.toBeNull()
          } else {
            Y.applyUpdate(doc, update)
            expect(doc.store.pendingStructs).toBeNull()
          }
          expect(encodeStateVector(known)).toEqual(Y.encodeStateVector(doc))
        }
      }),
    )
  })

  test('from nothing, a whole document advances to what Yjs says it holds', () => {
    fc.assert(
      fc.property(edits, (updates) => {
        const document = Y.mergeUpdates(updates)
        const known: StateVector = new Map()
        expect(advance(known, inspectUpdate(document))).toBe('applied')
        expect(encodeStateVector(known)).toEqual(Y.encodeStateVectorFromUpdate(document))
      }),
    )
  })

  /** Structs of one client: collected ones, which take one clock each, and gaps. */
  const section = (client: number, from: number, ...structs: ('gc' | 'gap')[]) =>
    bytes(structs.length, client, from, ...structs.flatMap((kind) => [kind === 'gc' ? 0 : 10, 1]))
  const updateOf = (...sections: Uint8Array[]) =>
    inspectUpdate(Uint8Array.of(sections.length, ...sections.flatMap((s) => [...s]), 0))

  test('a gap that is known already is none', () => {
    const summary = updateOf(section(1, 0, 'gc', 'gap', 'gc', 'gap', 'gc'))
    expect(advance(new Map([[1, 3]]), summary)).toBe('gap')
    const known = new Map([[1, 4]])
    expect(advance(known, summary)).toBe('applied')
    expect(known).toEqual(new Map([[1, 5]]))
  })

  test('a gap at one client leaves the others unchanged', () => {
    const known = new Map([[1, 1]])
    expect(advance(known, updateOf(section(2, 0, 'gc'), section(1, 2, 'gc')))).toBe('gap')
    expect(known).toEqual(new Map([[1, 1]]))
  })

  test('what builds on something unknown of another client is a gap, as it is to Yjs', () => {
    const seen = { applied: 0, gap: 0 }
    const concurrent = fc.array(
      fc.record({ actor: fc.nat(2), at: fc.nat(9), heardFrom: fc.nat(2), order: fc.nat() }),
      { minLength: 2, maxLength: 14 },
    )
    fc.assert(
      fc.property(concurrent, (steps) => {
        const updates: { update: Uint8Array; order: number }[] = []
        const docs = [0, 1, 2].map((actor) => {
          const doc = new Y.Doc()
          doc.clientID = 10 + actor
          return doc
        }) as [Y.Doc, Y.Doc, Y.Doc]
        for (const { actor, at, heardFrom, order } of steps) {
          const doc = docs[actor]!
          Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[heardFrom]!))
          const before = Y.encodeStateVector(doc)
          const shapes = doc.getArray<Y.Array<unknown>>('shapes')
          const shape = shapes.get(at % Math.max(1, shapes.length))
          if (shape && at % 2 === 0) shape.push([at])
          else shapes.insert(Math.min(at, shapes.length), [new Y.Array()])
          updates.push({ update: Y.encodeStateAsUpdate(doc, before), order })
        }
        updates.sort((a, b) => a.order - b.order)
        const known: StateVector = new Map()
        const doc = new Y.Doc()
        for (const { update } of updates) {
          const outcome = advance(known, inspectUpdate(update))
          seen[outcome]++
          const probe = new Y.Doc()
          Y.applyUpdate(probe, Y.encodeStateAsUpdate(doc))
          Y.applyUpdate(probe, update)
          expect(probe.store.pendingStructs === null).toBe(outcome === 'applied')
          if (outcome === 'applied') Y.applyUpdate(doc, update)
          expect(encodeStateVector(known)).toEqual(Y.encodeStateVector(doc))
        }
      }),
    )
    expect(Math.min(seen.applied, seen.gap)).toBeGreaterThan(50)
  })

  test('what is in the same update is not missing', () => {
    // Client 9 hangs on client 5, and its section comes first.
    const hanging = bytes(1, 9, 0, 4, 0, 5, 0, 1, 0x61)
    const summary = updateOf(hanging, bytes(1, 5, 0, 7, 1, 1, 0x74, 0))
    expect(summary.dependencies).toEqual(new Map([[5, 0]]))
    expect(advance(new Map(), summary)).toBe('applied')
    expect(advance(new Map(), updateOf(hanging))).toBe('gap')
  })
})

describe('overlaps', () => {
  const collected = Uint8Array.of(1, 1, 5, 0, 0, 3, 0)
  const text = Uint8Array.of(1, 1, 5, 0, 4, 1, 1, 0x74, 5, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0)

  test('finds the pair of good updates that Yjs cannot apply one after the other', () => {
    const known: StateVector = new Map()
    advance(known, inspectUpdate(collected))
    expect(overlaps(known, inspectUpdate(text))).toBe(true)

    const doc = new Y.Doc()
    Y.applyUpdate(doc, collected)
    expect(() => Y.applyUpdate(doc, text)).toThrow()
  })

  test('trimming such an update makes it good', () => {
    const known = new Map([[5, 3]])
    const trimmed = Y.diffUpdate(text, encodeStateVector(known))
    expect(overlaps(known, inspectUpdate(trimmed))).toBe(false)

    const doc = new Y.Doc()
    Y.applyUpdate(doc, collected)
    Y.applyUpdate(doc, trimmed)
    expect(Y.encodeStateVector(doc)).toEqual(encodeStateVector(new Map([[5, 5]])))
  })

  test('an update that is all new or all known does not overlap', () => {
    expect(overlaps(new Map(), inspectUpdate(text))).toBe(false)
    expect(overlaps(new Map([[5, 5]]), inspectUpdate(text))).toBe(false)
  })
})

describe('covers', () => {
  test('holds exactly if nobody in the second is ahead of the first', () => {
    fc.assert(
      fc.property(stateVector, stateVector, (a, b) => {
        const ahead = [...b].some(([id, at]) => at > (a.get(id) ?? 0))
        expect(covers(a, b)).toBe(!ahead)
      }),
    )
  })

  test('is reflexive, and everything covers nothing', () => {
    fc.assert(
      fc.property(stateVector, (a) => {
        expect(covers(a, a)).toBe(true)
        expect(covers(a, new Map())).toBe(true)
      }),
    )
  })
})
