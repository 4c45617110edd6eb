import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { inspectUpdate } from './inspect-update.ts'
import { ItemDepths } from './item-depths.ts'

const ACTORS = 3

const step = fc.record({
  actor: fc.nat(ACTORS - 1),
  /** Which of the types that the actor's document has. */
  into: fc.nat(1_000),
  kind: fc.constantFrom('map', 'array', 'text', 'element', 'value', 'delete', 'sync'),
  at: fc.nat(8),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

type Nested = Y.Map<unknown> | Y.Array<unknown> | Y.Text | Y.XmlElement | Y.XmlFragment

function typesOf(doc: Y.Doc): Nested[] {
  const found: Nested[] = [doc.getMap('map'), doc.getArray('array'), doc.getXmlFragment('xml')]
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || struct.deleted) continue
      if (struct.content instanceof Y.ContentType) found.push(struct.content.type as Nested)
    }
  }
  return found
}

function insert(into: Nested, { kind, at }: Step): void {
  const nested = { map: Y.Map, array: Y.Array, text: Y.Text }[kind as string]
  if (into instanceof Y.Text) {
    if (kind === 'delete') into.delete(0, Math.min(at, into.length))
    else into.insert(Math.min(at, into.length), `text ${at}`)
  } else if (into instanceof Y.Map) {
    if (kind === 'delete') into.delete(`key ${at}`)
    else into.set(`key ${at}`, nested ? new nested() : kind)
  } else if (into instanceof Y.XmlFragment) {
    const index = Math.min(at, into.length)
    if (kind === 'delete') into.delete(0, Math.min(1, into.length))
    else into.insert(index, [kind === 'text' ? new Y.XmlText('x') : new Y.XmlElement('p')])
  } else {
    const index = Math.min(at, into.length)
    if (kind === 'delete') into.delete(0, Math.min(1, into.length))
    else into.insert(index, [nested ? new nested() : kind])
  }
}

/** The updates that three people make on one document, in an order in which all apply. */
function play(steps: readonly Step[]): { updates: Uint8Array[]; doc: Y.Doc } {
  const server = new Y.Doc({ gc: false })
  const updates: Uint8Array[] = []
  const docs = Array.from({ length: ACTORS }, (_, i) => {
    const doc = new Y.Doc({ gc: false })
    doc.clientID = 10 + i
    return doc
  })
  const sync = (doc: Y.Doc) => {
    const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server))
    updates.push(update)
    Y.applyUpdate(server, update)
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)))
  }
  for (const each of steps) {
    const doc = docs[each.actor] as Y.Doc
    if (each.kind === 'sync') sync(doc)
    else {
      const types = typesOf(doc)
      insert(types[each.into % types.length] as Nested, each)
    }
  }
  docs.forEach(sync)
  return { updates, doc: server }
}

function depthIn(item: Y.Item): number {
  let depth = 0
  for (let at = (item.parent as Nested)._item; at; at = (at.parent as Nested)._item) depth++
  return depth
}

function expectDepthsOf(doc: Y.Doc, depths: ItemDepths): void {
  let deepest = 0
  for (const structs of doc.store.clients.values()) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue
      const depth = depthIn(struct)
      deepest = Math.max(deepest, depth)
      const { client, clock } = struct.id
      expect(depths.depthOf(client, clock)).toBe(depth)
      expect(depths.depthOf(client, clock + struct.length - 1)).toBe(depth)
    }
  }
  expect(depths.deepest).toBe(deepest)
}

function depthsOf(updates: readonly Uint8Array[]): ItemDepths {
  const depths = new ItemDepths()
  const ends = new Map<number, number>()
  const depthOf = (client: number, clock: number) =>
    clock < (ends.get(client) ?? 0) ? depths.depthOf(client, clock) : undefined
  for (const update of updates) {
    for (const range of inspectUpdate(update, { document: { depthOf } }).ranges) {
      depths.add(range, ends.get(range.client) ?? 0)
      ends.set(range.client, Math.max(range.to, ends.get(range.client) ?? 0))
    }
  }
  return depths
}

test('the depth of every item is that in the tree, however the document arrived', () => {
  const script = fc.array(step, { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(script, fc.nat(20), (steps, split) => {
      const { updates, doc } = play(steps)
      expectDepthsOf(doc, depthsOf(updates))
      expectDepthsOf(doc, depthsOf([Y.encodeStateAsUpdate(doc)]))
      const half = Y.mergeUpdates([new Uint8Array([0, 0]), ...updates.slice(0, split)])
      const rest = Y.encodeStateAsUpdate(doc, Y.encodeStateVectorFromUpdate(half))
      expectDepthsOf(doc, depthsOf([half, rest]))
    }),
    { numRuns: 300 },
  )
})

test('a chain of items of two clients, each on the other’s, is found without recursion', () => {
  const docs = [new Y.Doc(), new Y.Doc()]
  docs.forEach((doc, i) => {
    doc.clientID = i + 1
  })
  let at = docs[0]?.getMap('map') as Y.Map<unknown>
  for (let level = 0; level < 150; level++) {
    const [doc, other] = docs as [Y.Doc, Y.Doc]
    at.set('a', new Y.Map())
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other)))
    at = other.getMap('map')
    for (let down = 0; down <= level; down++) at = at.get('a') as Y.Map<unknown>
    docs.reverse()
  }
  const { deepest } = inspectUpdate(Y.encodeStateAsUpdate(docs[0] as Y.Doc))
  expect(deepest).toBe(149)
})
