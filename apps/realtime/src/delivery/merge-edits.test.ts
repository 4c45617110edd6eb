import { inspectUpdate } from '@mindfuse/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { BoardDocument } from '../document/board-document.ts'
import type { Edit } from '../document/edit.ts'
import { mergeEdits } from './merge-edits.ts'

const CLIENTS = [7, 300, 2 ** 31 + 5]

/** What a person does to a document, and whether the others receive it at once. */
const step = fc.record({
  client: fc.nat(CLIENTS.length - 1),
  kind: fc.constantFrom('insert', 'delete', 'set', 'nest'),
  at: fc.nat(20),
  isHeard: fc.boolean(),
  /** Whether they send all that they have, as in a step 2. */
  isWhole: fc.boolean(),
})

function act(doc: Y.Doc, { kind, at }: { kind: string; at: number }): void {
  const text = doc.getText('text')
  const shapes = doc.getMap('shapes')
  const place = at % (text.length + 1)
  if (kind === 'insert') text.insert(place, `<${at}>`)
  else if (kind === 'delete') text.delete(place, Math.min(3, text.length - place))
  else if (kind === 'set') shapes.set(`shape-${at % 4}`, { x: at })
  else shapes.set(`shape-${at % 4}`, new Y.Map([['y', at]]))
}

const contentOf = (doc: Y.Doc) => [doc.getText('text').toString(), doc.getMap('shapes').toJSON()]

/** Lets people draw. @returns the edits that a gateway applies, in their order */
function draw(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]) {
  const docs = CLIENTS.map((clientID) => {
    const doc = new Y.Doc()
    doc.clientID = clientID
    return doc
  })
  const document = new BoardDocument()
  const taken: Edit[] = []
  const unheard: { from: Y.Doc; update: Uint8Array }[] = []
  for (const one of steps) {
    const doc = docs[one.client] as Y.Doc
    const before = Y.encodeStateVector(doc)
    act(doc, one)
    const update = Y.encodeStateAsUpdate(doc, one.isWhole ? undefined : before)
    const outcome = document.apply(update)
    if (outcome.kind === 'applied') taken.push(outcome)
    unheard.push({ from: doc, update })
    if (!one.isHeard) continue
    for (const { from, update } of unheard.splice(0)) {
      for (const other of docs) if (other !== from) Y.applyUpdate(other, update)
    }
  }
  return taken
}

test('has the same effect as the merged edits, in one update that passes inspection', () => {
  let merged = 0
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), fc.nat(), (steps, a, b) => {
      const taken = draw(steps)
      const [from, to] = [a % (taken.length + 1), b % (taken.length + 1)].sort((x, y) => x - y) as [
        number,
        number,
      ]
      const window = taken.slice(from, to)
      const update = mergeEdits(window)
      if (!update) return expect.fail('they do not go on')
      expect(() => inspectUpdate(update)).not.toThrow()
      const apart = new Y.Doc()
      const together = new Y.Doc()
      for (const edit of taken) Y.applyUpdate(apart, edit.update)
      for (const edit of taken.slice(0, from)) Y.applyUpdate(together, edit.update)
      Y.applyUpdate(together, update)
      // A client that has part of it already, or receives it twice, ends up the same.
      Y.applyUpdate(together, update)
      for (const edit of taken.slice(to)) Y.applyUpdate(together, edit.update)
      expect(contentOf(together)).toEqual(contentOf(apart))
      expect(Y.encodeStateVector(together)).toEqual(Y.encodeStateVector(apart))
      expect(together.store.pendingStructs).toBeNull()
      expect(together.store.pendingDs).toBeNull()
      if (window.length > 1) merged++
    }),
  )
  expect(merged).toBeGreaterThan(0)
})

test('keeps the structs of the edits whole and unchanged', () => {
  const doc = new Y.Doc()
  doc.clientID = 1
  const document = new BoardDocument()
  const taken: Edit[] = []
  doc.on('update', (update: Uint8Array) => {
    const outcome = document.apply(update)
    if (outcome.kind === 'applied') taken.push(outcome)
  })
  for (const word of ['one', 'two', 'three']) doc.getText('text').insert(0, word)
  const { structs } = Y.decodeUpdate(mergeEdits(taken) as Uint8Array)
  expect(structs.map(({ id, length }) => [id.clock, length])).toEqual([
    [0, 3],
    [3, 3],
    [6, 5],
  ])
})

test('holds nothing that was known before, and is not made of edits with a break between them', () => {
  const doc = new Y.Doc()
  doc.clientID = 1
  const document = new BoardDocument()
  const take = (update: Uint8Array) => {
    const outcome = document.apply(update)
    return outcome.kind === 'applied' ? outcome : expect.fail(outcome.kind)
  }
  doc.getText('text').insert(0, 'known')
  const first = take(Y.encodeStateAsUpdate(doc))
  const other = new Y.Doc()
  other.clientID = 2
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  other.getText('text').insert(5, ' before')
  const second = take(Y.encodeStateAsUpdate(other))
  doc.getText('text').insert(0, 'un')
  const third = take(Y.encodeStateAsUpdate(doc))
  const { ranges } = inspectUpdate(mergeEdits([second, third]) as Uint8Array)
  expect(ranges.map(({ client, from, to }) => [client, from, to])).toEqual([
    [2, 0, 7],
    [1, 5, 7],
  ])
  expect(mergeEdits([third, first])).toBeUndefined()
})
