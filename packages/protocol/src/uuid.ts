const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Bytes of a UUID in binary bodies. */
export const UUID_BYTES = 16

/** Whether `text` is a UUID in its 36-character form (RFC 9562), of any version. */
export function isUuid(text: string): boolean {
  return UUID_PATTERN.test(text)
}

/** Where in the text the two digits of each byte stand. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/** Each byte as two digits. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The 16 bytes of a UUID. @throws RangeError where `uuid` is none. */
export function uuidToBytes(uuid: string): Uint8Array {
  if (!isUuid(uuid)) throw new RangeError('not a UUID')
  const bytes = new Uint8Array(UUID_BYTES)
  for (let i = 0; i < UUID_BYTES; i++) {
    const place = PLACES[i] as number
    bytes[i] = 16 * digitAt(uuid, place) + digitAt(uuid, place + 1)
  }
  return bytes
}

/** The value of a digit in either case: `0` is 0x30, `a` is 0x61 and `A` is 0x41. */
function digitAt(hex: string, place: number): number {
  const code = hex.charCodeAt(place)
  return code < 0x40 ? code - 0x30 : (code & 0x0f) + 9
}

/** The lower-case text form of 16 bytes. @throws RangeError for any other length. */
export function uuidFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== UUID_BYTES) throw new RangeError('a UUID has 16 bytes')
  let hex = ''
  for (const byte of bytes) hex += DIGITS[byte]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
