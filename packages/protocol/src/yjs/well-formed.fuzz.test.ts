import fc from 'fast-check'
import {
  createEncoder,
  type Encoder,
  toUint8Array,
  writeAny,
  writeUint8,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { inspectUpdate } from './inspect-update.ts'
import { advance, encodeStateVector, overlaps } from './state-vector.ts'

/**
 * Updates that no editor makes but that read well: items linked at random, across types, clients
 * and deleted parts. Mutated bytes seldom get as far as these do into `Y.applyUpdate`.
 */

const CLIENTS = [9, 7, 4, 2, 1]

const ORIGIN = 0x80
const RIGHT_ORIGIN = 0x40
const PARENT_SUB = 0x20

/** Writes content and returns how many clocks it takes. */
type Content = { kind: number; write: (encoder: Encoder) => number }

const small = fc.integer({ min: 1, max: 4 })
const content: fc.Arbitrary<Content> = fc.oneof(
  small.map((length) => ({
    kind: 1,
    write: (e: Encoder) => {
      writeVarUint(e, length)
      return length
    },
  })),
  list(2, fc.constantFrom('undefined', '1', '{"a":[1]}', 'null'), writeVarString),
  single(3, fc.uint8Array({ maxLength: 3 }), writeVarUint8Array),
  fc.constantFrom('a', 'bcd', '😀x', 'éé', 'hello').map((text) => ({
    kind: 4,
    write: (e: Encoder) => {
      writeVarString(e, text)
      return text.length
    },
  })),
  single(5, fc.constantFrom('{}', '1', 'null', '"x"', '[]'), writeVarString),
  single(6, fc.tuple(fc.constantFrom('b', 'i'), fc.constantFrom('true', 'null')), (e, [k, v]) => {
    writeVarString(e, k)
    writeVarString(e, v)
  }),
  single(7, fc.nat(6), (e, type) => {
    writeVarUint(e, type)
    if (type === 3 || type === 5) writeVarString(e, 'p')
  }),
  list(8, fc.constantFrom(1, undefined, null, 's', { a: 1 }, [1, 2], 1.5, 10n), (e, value) =>
    writeAny(e, value as never),
  ),
  single(
    9,
    fc.constantFrom({}, { autoLoad: true }, { meta: { a: 1 } }, { gc: null, collectionid: 5 }),
    (e, options) => {
      writeVarString(e, 'guid')
      writeAny(e, options as never)
    },
  ),
)

function single<T>(kind: number, values: fc.Arbitrary<T>, write: (e: Encoder, value: T) => void) {
  return values.map((value) => ({
    kind,
    write: (e: Encoder) => {
      write(e, value)
      return 1
    },
  }))
}

function list<T>(kind: number, values: fc.Arbitrary<T>, write: (e: Encoder, value: T) => void) {
  return fc.array(values, { minLength: 1, maxLength: 3 }).map((chosen) => ({
    kind,
    write: (e: Encoder) => {
      writeVarUint(e, chosen.length)
      for (const value of chosen) write(e, value)
      return chosen.length
    },
  }))
}

const id = fc.record({ client: fc.constantFrom(...CLIENTS), clock: fc.nat(8) })
const struct = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom(0, 0, 0, 10), length: small }) },
  {
    weight: 6,
    arbitrary: fc.record({
      content,
      flags: fc.nat(7).map((bits) => bits << 5),
      origin: id,
      rightOrigin: id,
      parent: fc.oneof(fc.constantFrom('a', 'b'), id),
      parentSub: fc.constantFrom('x', 'y'),
    }),
  },
)
const section = fc.record({
  from: fc.oneof({ weight: 15, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
  structs: fc.array(struct, { minLength: 1, maxLength: 8 }),
})
const deletes = fc.array(fc.record({ skip: fc.nat(3), length: small }), { maxLength: 3 })

/** For each client its structs and deletes, where it has any. */
const update = fc
  .tuple(
    ...CLIENTS.map(() =>
      fc.tuple(fc.option(section, { freq: 1 }), fc.option(deletes, { freq: 1 })),
    ),
  )
  .map((clients) => {
    const encoder = createEncoder()
    const sections = clients.flatMap(([s], i) =>
      s ? [{ ...s, client: CLIENTS[i] as number }] : [],
    )
    writeVarUint(encoder, sections.length)
    for (const each of sections) writeSection(encoder, each)
    const deleted = clients.flatMap(([, d], i) => (d ? [{ d, client: CLIENTS[i] as number }] : []))
    writeVarUint(encoder, deleted.length)
    for (const { d, client } of deleted) {
      writeVarUint(encoder, client)
      writeVarUint(encoder, d.length)
      let clock = 0
      for (const { skip, length } of d) {
        writeVarUint(encoder, clock + skip)
        writeVarUint(encoder, length)
        clock += skip + length
      }
    }
    return toUint8Array(encoder)
  })

type Of<T> = T extends fc.Arbitrary<infer V> ? V : never

function writeSection(
  e: Encoder,
  { client, from, structs }: Of<typeof section> & { client: number },
) {
  writeVarUint(e, structs.length)
  writeVarUint(e, client)
  writeVarUint(e, from)
  let clock = from
  const writeId = (to: Of<typeof id>): void => {
    // A client refers to what it made before, or to others.
    const isOwn = to.client === client && clock > 0
    writeVarUint(e, isOwn || to.client !== client ? to.client : 99)
    writeVarUint(e, isOwn ? to.clock % clock : to.clock)
  }
  for (const s of structs) {
    if ('kind' in s) {
      writeUint8(e, s.kind)
      writeVarUint(e, s.length)
      clock += s.length
      continue
    }
    writeUint8(e, s.content.kind | s.flags)
    if (s.flags & ORIGIN) writeId(s.origin)
    if (s.flags & RIGHT_ORIGIN) writeId(s.rightOrigin)
    if ((s.flags & (ORIGIN | RIGHT_ORIGIN)) === 0) {
      writeVarUint(e, typeof s.parent === 'string' ? 1 : 0)
      if (typeof s.parent === 'string') writeVarString(e, s.parent)
      else writeId(s.parent)
      if (s.flags & PARENT_SUB) writeVarString(e, s.parentSub)
    }
    clock += s.content.write(e)
  }
}

test('BAD-6: Yjs takes whatever reads well, alone, merged and one after the other', () => {
  let followed = 0
  fc.assert(
    fc.property(update, update, (first, second) => {
      const known = new Map<number, number>()
      inspectUpdate(first)
      const doc = new Y.Doc()
      Y.applyUpdate(doc, first)
      Y.applyUpdate(doc, first)
      inspectUpdate(Y.encodeStateAsUpdate(doc))
      const merged = Y.mergeUpdates([first, second])
      inspectUpdate(merged)
      Y.applyUpdate(new Y.Doc(), merged)
      inspectUpdate(Y.diffUpdate(first, Y.encodeStateVectorFromUpdate(second)))

      // What a gateway lets through, in the order in which it stores it.
      if (advance(known, inspectUpdate(first)) === 'gap') return
      const board = new Y.Doc()
      Y.applyUpdate(board, first)
      const next = overlaps(known, inspectUpdate(second))
        ? Y.diffUpdate(second, encodeStateVector(known))
        : second
      if (advance(known, inspectUpdate(next)) === 'gap') return
      Y.applyUpdate(board, next)
      followed++
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 2000) },
  )
  expect(followed).toBeGreaterThan(300)
}, 3_600_000)
