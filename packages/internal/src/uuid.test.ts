import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUuid, uuidFromBytes, uuidToBytes } from './uuid.ts'

const UUID = '0188e5f2-7a3b-7cde-8f01-23456789abcd'
const BYTES = Uint8Array.of(
  ...[0x01, 0x88, 0xe5, 0xf2, 0x7a, 0x3b, 0x7c, 0xde],
  ...[0x8f, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd],
)

const NO_UUIDS: [string, string][] = [
  ['nothing', ''],
  ['32 digits without hyphens', UUID.replaceAll('-', '')],
  ['hyphens in other places', '0188e5f27-a3b-7cde-8f01-23456789abcd'],
  ['a digit too few', UUID.slice(1)],
  ['a digit too many', `${UUID}0`],
  ['a letter that is no digit', UUID.replace('a', 'g')],
  ['braces', `{${UUID}}`],
  ['a URN', `urn:uuid:${UUID}`],
  ['a space before', ` ${UUID}`],
  ['a newline after', `${UUID}\n`],
  ['a second line', `x\n${UUID}`],
]

describe('a UUID', () => {
  test('is 16 bytes in the order of its digits', () => {
    expect(uuidToBytes(UUID)).toEqual(BYTES)
    expect(uuidFromBytes(BYTES)).toBe(UUID)
  })

  test('of any version comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(isUuid(uuid)).toBe(true)
        expect(uuidFromBytes(uuidToBytes(uuid))).toBe(uuid)
      }),
    )
  })

  test('in capitals is the same UUID, and comes back in small letters', () => {
    expect(isUuid(UUID.toUpperCase())).toBe(true)
    expect(uuidFromBytes(uuidToBytes(UUID.toUpperCase()))).toBe(UUID)
  })

  test.each(NO_UUIDS)('is not %s', (_, text) => {
    expect(isUuid(text)).toBe(false)
    expect(() => uuidToBytes(text)).toThrow(RangeError)
  })

  test.each([0, 15, 17])('is not %i bytes', (length) => {
    expect(() => uuidFromBytes(new Uint8Array(length))).toThrow(RangeError)
  })
})
