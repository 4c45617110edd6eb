import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { DocumentBuilder } from './document-builder.ts'
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

describe('updates that build on one another in a circle', () => {
  test('are held back for ever by Yjs alone', () => {
    const { updates } = crossed()
    const doc = new Y.Doc()
    for (const update of updates) Y.applyUpdate(doc, update)
    // Once this fails, Yjs has mended it, and `settlePending` can go.
    expect(doc.store.pendingStructs).not.toBeNull()
  })

  test.each([[6], [1]])('are all in the document, added %i at a time', (atATime) => {
    const { updates, text } = crossed()
    const builder = new DocumentBuilder()
    for (let i = 0; i < updates.length; i += atATime) {
      expect(builder.add(numbered(updates).slice(i, i + atATime))).toEqual([])
    }
    expect(builder.doc.store.pendingStructs).toBeNull()
    expect(builder.doc.getText('text').toString()).toBe(text)
    verifySnapshot(Y.encodeStateAsUpdate(builder.doc), builder)
  })

  test('wait where something is missing, and are not lost', () => {
    const { updates, text } = crossed()
    const builder = new DocumentBuilder()
    const [first, ...others] = numbered(updates)
    expect(builder.add(others)).toEqual([])
    expect(builder.doc.store.pendingStructs).not.toBeNull()
    expect(builder.add([first!])).toEqual([])
    expect(builder.doc.getText('text').toString()).toBe(text)
  })
})
