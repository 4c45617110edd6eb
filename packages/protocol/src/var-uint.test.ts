import fc from 'fast-check'
import { createEncoder, toUint8Array, writeVarUint as writeWithLib0 } from 'lib0/encoding'
import { expect, test } from 'vitest'
import { encodeVarUints, varUintLength, writeVarUint } from './var-uint.ts'

test('is written as lib0 writes it, in the announced number of bytes', () => {
  const edges = [0, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]
  const value = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat())
  fc.assert(
    fc.property(value, fc.nat(3), (number, offset) => {
      const encoder = createEncoder()
      writeWithLib0(encoder, number)
      const expected = toUint8Array(encoder)
      expect(varUintLength(number)).toBe(expected.length)
      const bytes = new Uint8Array(offset + expected.length)
      expect(writeVarUint(bytes, offset, number)).toBe(bytes.length)
      expect(bytes.subarray(offset)).toEqual(expected)
    }),
  )
})

test('many are written one behind the other', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (values) => {
      const encoder = createEncoder()
      for (const value of values) writeWithLib0(encoder, value)
      expect(encodeVarUints(values)).toEqual(toUint8Array(encoder))
    }),
  )
})
