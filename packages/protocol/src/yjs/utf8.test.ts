import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf16Length } from './utf8.ts'

/** As lib0 makes its own. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function expected(bytes: Uint8Array): number {
  try {
    return decoder.decode(bytes).length
  } catch {
    return -1
  }
}

test('agrees with a fatal TextDecoder on text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = new TextEncoder().encode(text)
      expect(utf16Length(bytes, 0, bytes.length)).toBe(expected(bytes))
    }),
  )
})

test('agrees with a fatal TextDecoder on bytes', () => {
  const boundary = fc.constantFrom(
    ...[0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec],
    ...[0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
  )
  fc.assert(
    fc.property(fc.array(boundary, { maxLength: 6 }), (values) => {
      const bytes = Uint8Array.from(values)
      expect(utf16Length(bytes, 0, bytes.length)).toBe(expected(bytes))
    }),
    { numRuns: 20_000 },
  )
})

test('stays between start and end', () => {
  const bytes = new TextEncoder().encode('é€é')
  expect(utf16Length(bytes, 2, 5)).toBe(1)
  expect(utf16Length(bytes, 2, 4)).toBe(-1)
  expect(utf16Length(bytes, 3, 3)).toBe(0)
})
