import fc from 'fast-check'
import { createEncoder, toUint8Array, writeVarString } from 'lib0/encoding'
import { expect, test } from 'vitest'
import { ByteReader } from './byte-reader.ts'
import { MalformedUpdateError } from './malformed-update-error.ts'
import { skipJson } from './skip-json.ts'

function passes(text: string): boolean {
  const encoder = createEncoder()
  writeVarString(encoder, text)
  const reader = new ByteReader(toUint8Array(encoder), MalformedUpdateError)
  try {
    skipJson(reader)
    reader.end()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedUpdateError)
    return false
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('takes what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(4), (json, indent) => {
      expect(passes(json)).toBe(true)
      expect(passes(JSON.stringify(JSON.parse(json), null, indent))).toBe(true)
    }),
  )
})

test('agrees with JSON.parse on text that looks like JSON', () => {
  const token = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '\\',
      '\\n',
      '\\u00e9',
      '\\ud800',
      '\\x',
      '\\u12',
    ],
    ...['0', '1', '-', '+', '.', 'e', 'E', '01', '1.5', '-0', '1e9', '1e', 'true', 'tru', 'false'],
    ...['null', 'undefined', 'NaN', ' ', '\t', '\n', '\r', '\f', '\u00a0', '\ufeff', 'é', '\u0000'],
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 7 }), (tokens) => {
      const text = tokens.join('')
      expect(passes(text)).toBe(parses(text))
    }),
    { numRuns: 15_000 },
  )
})

test('agrees with JSON.parse on JSON with one character changed', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 1 }), (json, at, insert) => {
      const i = at % json.length
      const text = json.slice(0, i) + insert + json.slice(i + 1)
      expect(passes(text)).toBe(parses(text))
    }),
    { numRuns: 5000 },
  )
})
