import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { inspectUpdate } from './inspect-update.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'

/** How long Yjs may take for one small update that was let through. */
const SLOW_MS = 250

const ACTORS = 3

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, undefined, true, false, 0, -1, 2 ** 40),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'grapheme' }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value

function key() {
  return fc.string({ unit: 'grapheme', maxLength: 8 }).filter((k) => k !== '__proto__')
}

const jsonValue = fc.jsonValue({ maxDepth: 3 }).filter((v) => v !== null)

const edit = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key: key(), value: anyValue }),
  fc.record({ do: fc.constant('unset' as const), at: fc.nat(20) }),
  fc.record({ do: fc.constant('push' as const), at: fc.nat(20), values: fc.array(anyValue) }),
  fc.record({ do: fc.constant('cut' as const), at: fc.nat(20), length: fc.nat(5) }),
  fc.record({
    do: fc.constant('type' as const),
    at: fc.nat(20),
    text: fc.string({ unit: 'grapheme' }),
  }),
  fc.record({ do: fc.constant('erase' as const), at: fc.nat(20), length: fc.nat(10) }),
  fc.record({
    do: fc.constant('format' as const),
    at: fc.nat(20),
    length: fc.nat(9),
    value: jsonValue,
  }),
  fc.record({ do: fc.constant('embed' as const), at: fc.nat(20), value: jsonValue }),
  fc.record({ do: fc.constant('nest' as const), kind: fc.nat(6), key: key(), at: fc.nat(20) }),
  fc.record({ do: fc.constant('subdoc' as const), key: key(), meta: anyValue }),
  fc.record({ do: fc.constant('sync' as const), from: fc.nat(ACTORS - 1) }),
)
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never

const script = fc.array(fc.tuple(fc.nat(ACTORS - 1), edit), { minLength: 1, maxLength: 30 })
type Script = [number, Edit][]

/** Plays edits on three documents, the last without gc, and returns the kinds of updates there are. */
function play(steps: Script): { updates: Uint8Array[]; documents: Uint8Array[] } {
  const updates: Uint8Array[] = []
  const docs = Array.from({ length: ACTORS }, (_, i) => {
    const doc = new Y.Doc({ gc: i < ACTORS - 1 })
    doc.clientID = 1 + i * 1000
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'sync') updates.push(update)
    })
    return doc
  })
  for (const [actor, step] of steps) {
    const doc = docs[actor] as Y.Doc
    if (step.do === 'sync') {
      const from = docs[step.from] as Y.Doc
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(from, Y.encodeStateVector(doc)), 'sync')
    } else {
      doc.transact(() => apply(doc, step))
    }
  }
  return { updates, documents: docs.map((doc) => Y.encodeStateAsUpdate(doc)) }
}

function apply(doc: Y.Doc, step: Edit): void {
  const map = doc.getMap('map')
  const array = doc.getArray('array')
  const text = doc.getText('text')
  switch (step.do) {
    case 'set':
      map.set(step.key, step.value)
      break
    case 'unset':
      map.delete([...map.keys()][step.at] ?? '')
      break
    case 'push':
      array.insert(
        Math.min(step.at, array.length),
        // Y.Array takes bigint and undefined only inside of something.
        step.values.map((value) =>
          typeof value === 'bigint' || value === undefined ? { value } : value,
        ),
      )
      break
    case 'cut': {
      const at = Math.min(step.at, array.length)
      array.delete(at, Math.min(step.length, array.length - at))
      break
    }
    case 'type':
      text.insert(Math.min(step.at, text.length), step.text)
      break
    case 'erase': {
      const at = Math.min(step.at, text.length)
      text.delete(at, Math.min(step.length, text.length - at))
      break
    }
    case 'format': {
      const at = Math.min(step.at, text.length)
      text.format(at, Math.min(step.length, text.length - at), { bold: step.value })
      break
    }
    case 'embed':
      text.insertEmbed(Math.min(step.at, text.length), { value: step.value } as object)
      break
    case 'nest':
      nest(doc, step)
      break
    case 'subdoc':
      map.set(step.key, new Y.Doc({ guid: step.key, autoLoad: true, meta: step.meta }))
      break
  }
}

function nest(doc: Y.Doc, step: { kind: number; key: string; at: number }): void {
  const map = doc.getMap('map')
  const xml = doc.getXmlFragment('xml')
  const at = Math.min(step.at, xml.length)
  switch (step.kind) {
    case 0:
      map.set(step.key, Y.Array.from([1, 'a', new Y.Map([['x', 1]])]))
      break
    case 1:
      map.set(step.key, new Y.Map<unknown>([['deep', new Y.Text('t')]]))
      break
    case 2:
      map.set(step.key, new Y.Text(step.key))
      break
    case 3: {
      const element = new Y.XmlElement(step.key || 'div')
      element.setAttribute('id', step.key)
      element.insert(0, [new Y.XmlText('text'), new Y.XmlElement('p')])
      xml.insert(at, [element])
      break
    }
    case 4:
      map.set(step.key, new Y.XmlFragment())
      break
    case 5:
      map.set(step.key, new Y.XmlHook(step.key || 'hook'))
      break
    default:
      xml.insert(at, [new Y.XmlText(step.key)])
  }
}

/** All updates of a script: live ones, whole documents, merges with and without gaps, diffs. */
function updatesOf(steps: Script): Uint8Array[] {
  const { updates, documents } = play(steps)
  const every2nd = updates.filter((_, i) => i % 2 === 0)
  const halfway = Y.mergeUpdates(updates.slice(0, updates.length / 2))
  const all = Y.mergeUpdates([...updates, ...documents])
  return [
    ...updates,
    ...documents,
    all,
    ...(every2nd.length > 0 ? [Y.mergeUpdates(every2nd)] : []),
    Y.diffUpdate(all, Y.encodeStateVectorFromUpdate(halfway)),
  ]
}

const INTERESTING = [
  0, 1, 2, 7, 8, 9, 10, 0x40, 0x7e, 0x7f, 0x80, 0x88, 0xc0, 0xff, 116, 117, 118, 119,
]

const byte = fc.oneof(fc.constantFrom(...INTERESTING), fc.nat(255))
const place = fc.nat(10_000)
const mutation = fc.oneof(
  fc.record({ do: fc.constant('overwrite' as const), at: place, byte }),
  fc.record({ do: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
  fc.record({
    do: fc.constant('insert' as const),
    at: place,
    bytes: fc.array(byte, { maxLength: 9 }),
  }),
  fc.record({ do: fc.constant('cut' as const), at: place, length: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('truncate' as const), at: place }),
  fc.record({ do: fc.constant('splice' as const), at: place, from: place, length: fc.nat(40) }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function mutate(update: Uint8Array, change: Mutation): Uint8Array {
  const at = update.length === 0 ? 0 : change.at % update.length
  switch (change.do) {
    case 'overwrite':
      return Uint8Array.from(update, (b, i) => (i === at ? change.byte : b))
    case 'flip':
      return Uint8Array.from(update, (b, i) => (i === at ? b ^ (1 << change.bit) : b))
    case 'insert':
      return Uint8Array.from([...update.slice(0, at), ...change.bytes, ...update.slice(at)])
    case 'cut':
      return Uint8Array.from([...update.slice(0, at), ...update.slice(at + change.length)])
    case 'truncate':
      return update.slice(0, at)
    case 'splice': {
      const from = change.from % (update.length + 1)
      const piece = update.slice(from, from + change.length)
      return Uint8Array.from([...update.slice(0, at), ...piece, ...update.slice(at)])
    }
  }
}

function accepts(update: Uint8Array): boolean {
  try {
    inspectUpdate(update)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedUpdateError)
    return false
  }
}

/** Everything that clients, gateways and the API do with an update that was let through. */
function expectYjsTakes(update: Uint8Array, other: Uint8Array): void {
  // A machine with more to do may stop a test at any time, yet not at each try.
  const isFast = [1, 2, 3].some(() => {
    const start = performance.now()
    useUpdate(update, other)
    return performance.now() - start < SLOW_MS
  })
  expect(isFast).toBe(true)
}

function useUpdate(update: Uint8Array, other: Uint8Array): void {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  Y.applyUpdate(doc, update)
  Y.applyUpdate(new Y.Doc(), Y.encodeStateAsUpdate(doc))
  expect(accepts(Y.encodeStateAsUpdate(doc))).toBe(true)
  Y.applyUpdate(new Y.Doc(), Y.mergeUpdates([update, other]))
  Y.applyUpdate(new Y.Doc(), Y.mergeUpdates([other, update]))
  Y.diffUpdate(update, Y.encodeStateVectorFromUpdate(other))
  Y.diffUpdate(update, Uint8Array.of(0))
  Y.encodeStateVectorFromUpdate(update)
  expectSameRanges(update)
}

function expectSameRanges(update: Uint8Array): void {
  const summary = inspectUpdate(update)
  const { from, to } = Y.parseUpdateMeta(update)
  expect(summary.ranges.map((r) => [r.client, r.from])).toEqual([...from])
  expect(summary.ranges.map((r) => [r.client, r.to])).toEqual([...to])
  const { structs, ds } = Y.decodeUpdate(update)
  expect(summary.structs).toBe(structs.length)
  expect(summary.hasGaps).toBe(structs.some((s) => s instanceof Y.Skip))
  const deletes = [...ds.clients].map(([client, ranges]) => ({
    client,
    bounds: ranges.flatMap(({ clock, len }) => [clock, clock + len]),
  }))
  expect(summary.deletes).toEqual(deletes.filter(({ bounds }) => bounds.length > 0))
}

describe('inspectUpdate', () => {
  test('takes whatever Yjs writes and finds the ranges that Yjs finds', () => {
    fc.assert(
      fc.property(script, (steps) => {
        for (const update of updatesOf(steps as Script)) expectSameRanges(update)
      }),
      { numRuns: 300 },
    )
  })

  test('BAD-6: lets nothing through on which Yjs throws or hangs: mutated updates', () => {
    let tried = 0
    let accepted = 0
    fc.assert(
      fc.property(
        script,
        fc.array(fc.array(mutation, { minLength: 1, maxLength: 3 }), {
          maxLength: 120,
          size: 'max',
        }),
        (steps, changes) => {
          const updates = updatesOf(steps as Script)
          for (const [i, change] of changes.entries()) {
            const original = updates[i % updates.length] as Uint8Array
            const mutated = change.reduce(mutate, original)
            tried++
            if (!accepts(mutated)) continue
            accepted++
            expectYjsTakes(mutated, original)
          }
        },
      ),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 600) },
    )
    // Fewer would prove nothing.
    expect(tried).toBeGreaterThan(20_000)
    expect(accepted).toBeGreaterThan(1000)
    if (process.env.FUZZ_RUNS) process.stdout.write(`FUZZ ${tried} ${accepted}\n`)
  }, 3_600_000)

  test('BAD-6: lets nothing through on which Yjs throws or hangs: random bytes', () => {
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
        const update = Uint8Array.from(bytes)
        if (accepts(update)) expectYjsTakes(update, Uint8Array.of(0, 0))
      }),
      { numRuns: 20_000 },
    )
  })
})
