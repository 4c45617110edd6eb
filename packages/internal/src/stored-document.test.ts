import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeStoredDocument,
  encodeStoredDocument,
  type StoredDocument,
} from './stored-document.ts'

const bytes = fc.uint8Array({ maxLength: 200 })
const numbered = fc.record({ step: fc.integer({ min: 1, max: 2 ** 40 }), update: bytes })
const document = fc
  .record({
    behind: fc.nat(),
    snapshot: fc.option(bytes),
    numbered: fc.array(numbered, { maxLength: 5 }),
  })
  .map(({ behind, snapshot, numbered }): StoredDocument => {
    let last = 0
    const seqs = numbered.map(({ step }) => {
      last += step
      return last
    })
    return { seq: last + behind, snapshot, updates: numbered.map(({ update }) => update), seqs }
  })

const EXAMPLE: StoredDocument = {
  seq: 300,
  snapshot: Uint8Array.of(1, 2),
  updates: [Uint8Array.of(3), new Uint8Array(130), new Uint8Array()],
  seqs: [120, 298, 300],
}

describe('a stored document', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(document, (stored) => {
        expect(decodeStoredDocument(encodeStoredDocument(stored))).toEqual(stored)
      }),
    )
  })

  test('is these bytes and no others', () => {
    const updates = [Uint8Array.of(5, 6)]
    expect(encodeStoredDocument({ seq: 4, snapshot: null, updates, seqs: [4] })).toEqual(
      Uint8Array.of(2, 4, 0, 1, 4, 2, 5, 6),
    )
    const snapshot = Uint8Array.of(9)
    expect(encodeStoredDocument({ seq: 4, snapshot, updates, seqs: [3] })).toEqual(
      Uint8Array.of(2, 4, 1, 1, 9, 1, 3, 2, 5, 6),
    )
  })

  test('without a snapshot is not one with an empty snapshot', () => {
    const empty = { seq: 1, snapshot: new Uint8Array(), updates: [], seqs: [] }
    expect(decodeStoredDocument(encodeStoredDocument(empty))).toEqual(empty)
  })
})

describe('refused', () => {
  const refused = (input: Uint8Array) => expect(() => decodeStoredDocument(input)).toThrow()

  test('a document cut short anywhere, also within a larger buffer', () => {
    const written = encodeStoredDocument(EXAMPLE)
    expect(decodeStoredDocument(written)).toEqual(EXAMPLE)
    for (let end = 0; end < written.length; end++) {
      refused(written.slice(0, end))
      refused(written.subarray(0, end))
    }
  })

  test('bytes after the document', () => {
    refused(Uint8Array.from([...encodeStoredDocument(EXAMPLE), 0]))
  })

  test.each([0, 1, 3])('format version %i', (version) => {
    const written = encodeStoredDocument(EXAMPLE)
    written[0] = version
    refused(written)
  })

  test('a snapshot that is neither there nor not there', () => {
    refused(Uint8Array.of(2, 4, 2, 0))
  })

  test('updates that stand twice under one number, or above the newest', () => {
    refused(Uint8Array.of(2, 4, 0, 2, 4, 0, 0, 0))
    refused(Uint8Array.of(2, 4, 0, 1, 5, 0))
  })
})

test.each([[[1]], [[1, 2, 3]], [[0, 1]], [[2, 2]], [[2, 1]], [[3, 5]]])(
  'a document whose two updates have the numbers %j of 4 is not written',
  (seqs) => {
    const updates = [Uint8Array.of(1), Uint8Array.of(2)]
    expect(() => encodeStoredDocument({ seq: 4, snapshot: null, updates, seqs })).toThrow(
      RangeError,
    )
  },
)
