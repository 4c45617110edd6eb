import {
  AWARENESS_GONE,
  encodeAwareness,
  encodeAwarenessEntry,
  encodeAwarenessUpdate,
  encodeStateVector as encodeStateVectorOf,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
} from '@mindfuse/protocol'
import type { AwarenessState } from '@mindfuse/testing'
import fc from 'fast-check'
import { Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'

const awareness = (...states: AwarenessState[]) =>
  encodeAwarenessUpdate(states.map(encodeAwarenessEntry))

/** What clients send, to be mutated inside its frame or as a whole. */
function validPayloads(): [payload: Uint8Array, encode: (payload: Uint8Array) => Uint8Array][] {
  const doc = new Doc()
  // Of its own accord it would take another number each time, and no seed could repeat a run.
  doc.clientID = 1
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const shapes = doc.getMap('shapes')
  shapes.set('a', { x: 1, y: 2.5, text: 'hello', nested: [1, null, true, { deep: 'er' }] })
  shapes.set('bytes', new Uint8Array([1, 2, 3]))
  const text = doc.getText('text')
  text.insert(0, 'mindfuse is a whiteboard')
  text.format(0, 4, { bold: true })
  text.delete(2, 3)
  doc.getArray('list').push([1, 'two', { three: 3 }])
  doc.getArray('list').delete(0, 1)
  shapes.delete('a')
  const cursor = { clientId: 17, clock: 3, state: '{"cursor":{"x":1,"y":2}}' }
  const name = { clientId: 18, clock: 1, state: '{"name":"somebody"}' }
  const gone = { clientId: 19, clock: 2, state: AWARENESS_GONE }
  return [
    ...updates.map((update) => [update, encodeUpdate] as [Uint8Array, typeof encodeUpdate]),
    [encodeStateAsUpdate(doc), encodeSyncStep2],
    [encodeStateVector(doc), encodeSyncStep1],
    [Uint8Array.of(0), encodeSyncStep1],
    [awareness(cursor), encodeAwareness],
    [awareness(name, gone), encodeAwareness],
    [Uint8Array.of(3), (payload) => payload],
  ]
}

/** One change of a frame, at a place between its beginning (0) and its end (1). */
const mutationOf = <Kind extends string>(kind: Kind, most: number) =>
  fc.record({
    do: fc.constant(kind),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.nat(most),
  })

const mutation = fc.oneof(
  mutationOf('set', 255),
  mutationOf('flip', 7),
  mutationOf('cut', 9),
  mutationOf('grow', 255),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function mutate(frame: Uint8Array, { do: kind, at, to }: Mutation): Uint8Array {
  const bytes = [...frame]
  const i = Math.min(bytes.length - 1, Math.floor(at * bytes.length))
  if (kind === 'set') bytes[i] = to
  else if (kind === 'flip') bytes[i] = (bytes[i] ?? 0) ^ (1 << to)
  else if (kind === 'cut') bytes.splice(i, to)
  else bytes.splice(i, 0, to)
  return Uint8Array.from(bytes)
}

const TEXTS = [
  '{"type":"presence:update","cursor":{"x":1,"y":2},"selection":["a"]}',
  '{"type":"draft:update","drafts":[{"id":"a","version":1,"value":{"points":[[1,2]]}}]}',
  '{"type":"draft:update","drafts":[{"id":"a","from":1,"version":2,"append":{"points":[[3,4]]}}]}',
  '{"type":"presence:viewport","x":1,"y":2,"zoom":3}',
  '{"type":"auth:refresh","token":"eyJhbGciOiJub25lIn0.e30."}',
]

const textFrame = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.json({ maxDepth: 3 }),
  fc
    .tuple(fc.constantFrom(...TEXTS), fc.nat(60), fc.nat(5), fc.string({ maxLength: 4 }))
    .map(([text, at, cut, more]) => text.slice(0, at) + more + text.slice(at + cut)),
)

const payload = fc.constantFrom(...validPayloads())
const mutations = (minLength: number) => fc.array(mutation, { minLength, maxLength: minLength + 1 })

/** What somebody drew, an update an edit. */
function drawing(clientID: number): Uint8Array[] {
  const doc = Object.assign(new Doc(), { clientID })
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (let i = 0; i < 10; i++) doc.getMap('shapes').set(`shape-${i % 4}`, { x: i, y: clientID })
  return updates
}

const edits = [101, 102, 103, 104].flatMap(drawing)
/** Edits whose beginning never comes. */
const orphans = [201, 202].flatMap((clientID) => drawing(clientID).slice(1))

const stateVector = fc
  .array(fc.tuple(fc.constantFrom(1, 101, 102, 999), fc.nat(20)), { maxLength: 4 })
  .map((entries) => encodeStateVectorOf(new Map(entries)))

const awarenessEntry = fc.record({
  clientId: fc.nat(30),
  clock: fc.nat(5),
  state: fc.constantFrom(AWARENESS_GONE, '{"name":"somebody"}', '{"cursor":{"x":1,"y":2}}', '7'),
})

/**
 * Frames that are well-formed, in an order that no client would send them in: edits that skip
 * ahead or come again, awareness of others, questions about what does not exist.
 */
const senselessFrame: fc.Arbitrary<Uint8Array | string> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...edits).map(encodeUpdate) },
  { weight: 2, arbitrary: fc.constantFrom(...orphans).map(encodeUpdate) },
  { weight: 2, arbitrary: stateVector.map(encodeSyncStep1) },
  {
    weight: 2,
    arbitrary: fc
      .array(awarenessEntry, { maxLength: 3 })
      .map((entries) => encodeAwareness(awareness(...entries))),
  },
  { weight: 2, arbitrary: fc.constantFrom(...TEXTS) },
)

/** Frames that were well-formed until they were changed in a place or two, and mere bytes. */
const spoiltFrame: fc.Arbitrary<Uint8Array | string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(payload, mutations(0))
      .map(([[bytes, encode], changes]) => encode(changes.reduce(mutate, bytes))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(payload, mutations(1))
      .map(([[bytes, encode], changes]) => changes.reduce(mutate, encode(bytes))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: textFrame },
)

/** A frame of an attacker; a text is a text frame. */
export const hostileFrame = fc.oneof(
  { weight: 3, arbitrary: senselessFrame },
  { weight: 2, arbitrary: spoiltFrame },
)
