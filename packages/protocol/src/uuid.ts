const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Bytes of a UUID in binary bodies. */
export const UUID_BYTES = 16

/** Whether `text` is a UUID in its 36-character form (RFC 9562), of any version. */
export function isUuid(text: string): boolean {
  return UUID_PATTERN.test(text)
}

/** The 16 bytes of a UUID. @throws RangeError where `uuid` is none. */
export function uuidToBytes(uuid: string): Uint8Array {
  if (!isUuid(uuid)) throw new RangeError('not a UUID')
  const hex = uuid.replaceAll('-', '')
  const bytes = new Uint8Array(UUID_BYTES)
  for (let i = 0; i < UUID_BYTES; i++) {
    bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  }
  return bytes
}

/** The lower-case text form of 16 bytes. @throws RangeError for any other length. */
export function uuidFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== UUID_BYTES) throw new RangeError('a UUID has 16 bytes')
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
