import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { BoardDocument } from './board-document.ts'
import { loadDocument } from './load-document.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE

/** How far the estimate may be off, bytes, or as a share of the document. */
const TOLERANCE_BYTES = 16 * KIBIBYTE
const TOLERANCE_SHARE = 0.1

/** Applies what is drawn on a Y.Doc as it is drawn, on a document that was loaded with the first part. */
async function draw(before: (doc: Y.Doc) => void, since: (doc: Y.Doc) => void) {
  const doc = new Y.Doc()
  before(doc)
  const snapshot = Y.encodeStateAsUpdate(doc)
  const stored = { seq: 1, snapshot, updates: [], seqs: [] }
  const { document } = await loadDocument(stored)
  const outcomes: string[] = []
  doc.on('update', (update: Uint8Array) => {
    const outcome = document.apply(update)
    outcomes.push(outcome.kind === 'refused' ? outcome.code : outcome.kind)
  })
  since(doc)
  return { doc, document, outcomes }
}

/** Whether the estimate is about what Yjs makes of the document. */
function expectSize({ doc, document }: { doc: Y.Doc; document: BoardDocument }): void {
  const merged = Y.encodeStateAsUpdate(doc).length
  const tolerance = Math.max(TOLERANCE_BYTES, TOLERANCE_SHARE * merged)
  expect(Math.abs(document.size.bytes - merged)).toBeLessThan(tolerance)
}

const nothing = () => undefined
const values = (keys: string, bytes: number) => (doc: Y.Doc) => {
  for (const key of keys) doc.getMap('shapes').set(key, key.repeat(bytes))
}

describe('the size of a document', () => {
  test.for<[what: string, before: (doc: Y.Doc) => void, since: (doc: Y.Doc) => void]>([
    ['a value that is replaced', nothing, values('aaaaaaaaaaaa', 900 * KIBIBYTE)],
    ['stored values that are replaced', values('abcd', MEBIBYTE), values('ac', MEBIBYTE / 2)],
    [
      'values that are deleted among small ones',
      (doc) => {
        for (let i = 0; i < 300; i++) doc.getMap('small').set(`${i}`, i)
        values('ab', MEBIBYTE)(doc)
        for (let i = 0; i < 300; i++) doc.getMap('small').set(`${i}`, i)
      },
      (doc) => doc.getMap('shapes').delete('b'),
    ],
    [
      'half of a text',
      (doc) => doc.getText('text').insert(0, 'x'.repeat(MEBIBYTE)),
      (doc) => doc.getText('text').delete(MEBIBYTE / 4, MEBIBYTE / 2),
    ],
    [
      'small values that are deleted one by one',
      (doc) => doc.getArray('list').push([0]),
      (doc) => {
        const list = doc.getArray('list')
        for (let i = 0; i < 2_000; i++) list.push(['x'.repeat(200)])
        for (let i = 0; i < 1_500; i++) list.delete(1, 1)
      },
    ],
    [
      'text that is typed and erased',
      nothing,
      (doc) => {
        const text = doc.getText('text')
        for (let i = 0; i < 5_000; i++) text.insert(i, 'x')
        text.delete(1_000, 3_000)
      },
    ],
  ])('is about its content: %s', async ([, before, since]) => {
    expectSize(await draw(before, since))
  })

  test('does not count what an edit itself deletes', async () => {
    const { doc, document } = await draw(values('a', MEBIBYTE), nothing)
    const before = Y.encodeStateVector(doc)
    const parts: Uint8Array[] = []
    const other = new Y.Doc({ gc: false })
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
    other.on('update', (update: Uint8Array) => parts.push(update))
    values('bbbbb', MEBIBYTE)(other)
    document.apply(Y.mergeUpdates(parts))
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, before))
    expectSize({ doc, document })
  })

  test('is about its content, whatever is drawn', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.nat(20_000),
      erases: fc.boolean(),
      at: fc.nat(),
    })
    const apply =
      (steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]) =>
      (doc: Y.Doc) => {
        for (const { key, bytes, erases, at } of steps) {
          const text = doc.getText('text')
          if (erases) {
            doc.getMap('shapes').delete(key)
            const from = at % (text.length + 1)
            text.delete(from, Math.min(bytes, text.length - from))
          } else {
            doc.getMap('shapes').set(key, key.repeat(bytes))
            text.insert(at % (text.length + 1), 'x'.repeat(bytes))
          }
        }
      }
    const steps = fc.array(step, { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(steps, steps, async (before, since) => {
        expectSize(await draw(apply(before), apply(since)))
      }),
    )
  })

  test('LIM-5: a delete is accepted on a full board, and as much in its place', async () => {
    const { doc, document, outcomes } = await draw(values('abcdefg', 9 * MEBIBYTE), nothing)
    const other = new Y.Doc()
    values('o', 2 * MEBIBYTE)(other)
    const more = Y.encodeStateAsUpdate(other)
    expect(document.apply(more)).toEqual({ kind: 'refused', code: 'board_full' })
    values('a', 9 * MEBIBYTE)(doc)
    doc.getMap('shapes').delete('b')
    expect(outcomes).toEqual(['applied', 'applied'])
    expect(document.byteLength).toBeGreaterThan(70 * MEBIBYTE)
    expect(document.apply(more).kind).toBe('applied')
  })

  test('LIM-22: what a merge drops has a bound of its own, and is worth a merge before', async () => {
    const { doc, document, outcomes } = await draw(values('a', 9 * MEBIBYTE), nothing)
    const worth: boolean[] = []
    for (let i = 0; i < 10; i++) {
      values('a', 9 * MEBIBYTE)(doc)
      worth.push(document.isWorthMerging)
    }
    // From 32 MiB on, and up to 96.
    expect(worth).toEqual([false, false, ...Array.from({ length: 8 }, () => true)])
    expect(outcomes).toEqual([...Array.from({ length: 9 }, () => 'applied'), 'unmerged'])
  })
})
