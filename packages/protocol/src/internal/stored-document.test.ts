import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeStoredDocument,
  encodeStoredDocument,
  type StoredDocument,
} from './stored-document.ts'

const bytes = fc.uint8Array({ maxLength: 200 })
const document = fc.record({
  seq: fc.maxSafeNat(),
  snapshot: fc.option(bytes),
  updates: fc.array(bytes, { maxLength: 5 }),
})

const EXAMPLE: StoredDocument = {
  seq: 300,
  snapshot: Uint8Array.of(1, 2),
  updates: [Uint8Array.of(3), new Uint8Array(130), new Uint8Array()],
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
    expect(encodeStoredDocument({ seq: 4, snapshot: null, updates })).toEqual(
      Uint8Array.of(1, 4, 0, 1, 2, 5, 6),
    )
    expect(encodeStoredDocument({ seq: 4, snapshot: Uint8Array.of(9), updates })).toEqual(
      Uint8Array.of(1, 4, 1, 1, 9, 1, 2, 5, 6),
    )
  })

  test('without a snapshot is not one with an empty snapshot', () => {
    const empty = { seq: 1, snapshot: new Uint8Array(), updates: [] }
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

  test.each([0, 2])('format version %i', (version) => {
    const written = encodeStoredDocument(EXAMPLE)
    written[0] = version
    refused(written)
  })

  test('a snapshot that is neither there nor not there', () => {
    refused(Uint8Array.of(1, 4, 2, 0))
  })
})
