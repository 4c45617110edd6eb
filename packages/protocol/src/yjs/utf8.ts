/**
 * Checks UTF-8 as strictly as a fatal `TextDecoder` (no overlong forms, no surrogates, nothing
 * above U+10FFFF) and measures it, without creating the string. A BOM counts as a character, as it
 * does in lib0.
 *
 * @returns the length of the string in UTF-16 code units, or -1 if the bytes are not UTF-8
 * @see https://encoding.spec.whatwg.org/#utf-8-decoder
 */
export function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let units = 0
  let i = start
  while (i < end) {
    const lead = bytes[i++] as number
    units++
    if (lead < 0x80) continue
    if (lead < 0xc2) return -1
    if (lead < 0xe0) {
      if (i >= end || !isTail(bytes[i++] as number)) return -1
    } else if (lead < 0xf0) {
      if (i + 1 >= end) return -1
      const second = bytes[i++] as number
      if (!isTail(second) || !isTail(bytes[i++] as number)) return -1
      if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return -1
    } else {
      if (lead > 0xf4 || i + 2 >= end) return -1
      const second = bytes[i++] as number
      if (!isTail(second) || !isTail(bytes[i++] as number) || !isTail(bytes[i++] as number)) {
        return -1
      }
      if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return -1
      units++
    }
  }
  return units
}

function isTail(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
