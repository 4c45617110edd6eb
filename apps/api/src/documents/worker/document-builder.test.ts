import { encodeVarUints, MAX_UPDATE_DELETES } from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { DocumentBuilder, whyUnreadable } from './document-builder.ts'
import { SNAPSHOT_SEQ } from './packed-updates.ts'
import { verifySnapshot } from './verify-snapshot.ts'

/** Updates of two people who each build on the other's: a1, b (on a3), a5, a2, a3, a4 (on b). */
function crossed(): { updates: Uint8Array[]; text: string } {
  const a = new Y.Doc()
  const b = new Y.Doc()
  a.clientID = 1
  b.clientID = 2
  const updates: Record<string, Uint8Array> = {}
  const write = (name: string, doc: Y.Doc) => {
    const before = Y.encodeStateVector(doc)
    doc.getText('text').insert(doc.getText('text').length, `${name} `)
    updates[name] = Y.encodeStateAsUpdate(doc, before)
  }
  for (const name of ['a1', 'a2', 'a3']) write(name, a)
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a))
  write('b', b)
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b))
  for (const name of ['a4', 'a5']) write(name, a)
  const order = ['a1', 'b', 'a5', 'a2', 'a3', 'a4']
  return { updates: order.map((name) => updates[name]!), text: a.getText('text').toString() }
}

const numbered = (updates: Uint8Array[]) => updates.map((update, i) => ({ seq: i + 1, update }))

describe('updates in an order as two gateways store them', () => {
  test.each([[6], [1]])('are all in the document, added %i at a time', (atATime) => {
    const { updates, text } = crossed()
    const builder = new DocumentBuilder()
    for (let i = 0; i < updates.length; i += atATime) {
      expect(builder.add(numbered(updates).slice(i, i + atATime))).toEqual([])
    }
    expect(builder.waiting).toEqual([])
    expect(builder.doc.getText('text').toString()).toBe(text)
    verifySnapshot(Y.encodeStateAsUpdate(builder.doc), builder)
  })

  test('wait where something is missing, and are not lost', () => {
    const { updates, text } = crossed()
    const builder = new DocumentBuilder()
    const [first, ...others] = numbered(updates)
    expect(builder.add(others)).toEqual([])
    expect(builder.waiting).toEqual(others.map(({ seq }) => seq))
    expect(builder.updates).toEqual([])
    expect(builder.add([first!])).toEqual([])
    expect(builder.waiting).toEqual([])
    expect(builder.doc.getText('text').toString()).toBe(text)
  })
})

describe('an update that waits', () => {
  /** Sets a value twice, with something before the second that is not stored. */
  function overwritten() {
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    doc.getMap('shape').set('x', 1)
    doc.getMap('shape').set('y', 1)
    doc.getMap('shape').set('x', 2)
    const [first, missing, second] = numbered(updates)
    return { first: first!, missing: missing!, second: second! }
  }

  test('takes nothing away: the value that it is to replace stays', () => {
    const { first, missing, second } = overwritten()
    const builder = new DocumentBuilder()
    builder.add([first, second])
    expect(builder.doc.getMap('shape').toJSON()).toEqual({ x: 1 })
    expect(builder.waiting).toEqual([second.seq])
    const state = Y.encodeStateAsUpdate(builder.doc)
    verifySnapshot(state, builder)

    // A snapshot of it holds what is there, and the rest goes in once it can.
    const later = new DocumentBuilder()
    later.add([{ seq: SNAPSHOT_SEQ, update: state }])
    later.add([second, missing])
    expect(later.doc.getMap('shape').toJSON()).toEqual({ x: 2, y: 1 })
    expect(later.waiting).toEqual([])
  })
})

test('a snapshot that waits for something is not taken for one', () => {
  const { updates } = crossed()
  const builder = new DocumentBuilder()
  const [first, , skipsAhead] = updates
  builder.add([{ seq: SNAPSHOT_SEQ, update: Y.mergeUpdates([first!, skipsAhead!]) }])
  expect(() => verifySnapshot(Y.encodeStateAsUpdate(builder.doc), builder)).toThrow('has a gap')
})

test('what is stored may delete more than one peer may', () => {
  const ranges = MAX_UPDATE_DELETES + 1
  const bounds = Array.from({ length: ranges }, (_, i) => [2 * i, 1]).flat()
  const update = encodeVarUints([0, 1, 7, ranges, ...bounds])
  expect(whyUnreadable(update)).toBeUndefined()
})

test('values that were added one by one are built without copying all of them for each', () => {
  const COUNT = 4_000
  // Items of client 7 that each hold one null, in the list `x`.
  const updates = Array.from({ length: 6 }, (_, i) => {
    const from = i * COUNT
    const parts = [encodeVarUints([1, COUNT, 7, from])]
    for (let clock = from; clock < from + COUNT; clock++) {
      const head = clock === 0 ? Uint8Array.of(8, 1, 1, 0x78) : encodeVarUints([7, clock - 1])
      parts.push(...(clock === 0 ? [] : [Uint8Array.of(0x88)]), head, Uint8Array.of(1, 126))
    }
    return Buffer.concat([...parts, Uint8Array.of(0)])
  })
  const before = process.memoryUsage().heapUsed
  const builder = new DocumentBuilder()
  let peak = 0
  builder.doc.on('afterTransactionCleanup', () => {
    peak = Math.max(peak, process.memoryUsage().heapUsed - before)
  })
  expect(builder.add(numbered(updates))).toEqual([])
  expect(builder.doc.getArray('x').length).toBe(6 * COUNT)
  expect(peak).toBeLessThan(1_000_000_000)
})
