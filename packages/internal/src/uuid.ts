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

/** Where the hyphens stand. */
const HYPHENS = [8, 13, 18, 23]

/** The 16 bytes of a UUID. @throws RangeError where `uuid` is none. */
export function uuidToBytes(uuid: string): Uint8Array {
  const bytes = new Uint8Array(UUID_BYTES)
  writeUuid(bytes, 0, uuid)
  return bytes
}

/**
 * Writes the 16 bytes of a UUID.
 *
 * @returns the offset behind them
 * @throws RangeError where `uuid` is none
 */
export function writeUuid(bytes: Uint8Array, offset: number, uuid: string): number {
  const hasForm = uuid.length === 36 && HYPHENS.every((place) => uuid[place] === '-')
  if (!hasForm) throw new RangeError('not a UUID')
  for (let i = 0; i < UUID_BYTES; i++) {
    const place = PLACES[i] as number
    bytes[offset + i] = 16 * digitAt(uuid, place) + digitAt(uuid, place + 1)
  }
  return offset + UUID_BYTES
}

/** The value of a digit in either case. @throws RangeError where it is none */
function digitAt(hex: string, place: number): number {
  const code = hex.charCodeAt(place)
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  // What makes A an a makes nothing else a letter from a to f.
  const letter = code | 0x20
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x57
  throw new RangeError('not a UUID')
}

/** The lower-case text form of 16 bytes. @throws RangeError for any other length. */
export function uuidFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== UUID_BYTES) throw new RangeError('a UUID has 16 bytes')
  let hex = ''
  for (const byte of bytes) hex += DIGITS[byte]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
