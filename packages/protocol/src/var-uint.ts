/** The length of lib0's encoding of an unsigned integer, bytes: seven bits each. */
export function varUintLength(value: number): number {
  let length = 1
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) length++
  return length
}

/**
 * Writes an unsigned integer, at most 2^53 - 1, as lib0 does, into an array of known size: an encoder
 * that grows copies its content.
 *
 * @returns the offset after it
 *
 * @example
 * ```ts
 * const bytes = new Uint8Array(varUintLength(300))
 * writeVarUint(bytes, 0, 300)
 * show(bytes) // 0xac 0x02
 * ```
 */
export function writeVarUint(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes[at++] = 0x80 | (left % 0x80)
  bytes[at++] = left
  return at
}

/** Encodes unsigned integers, at most 2^53 - 1 each, one after the other as lib0 does. */
export function encodeVarUints(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, value) => sum + varUintLength(value), 0))
  let offset = 0
  for (const value of values) offset = writeVarUint(bytes, offset, value)
  return bytes
}
