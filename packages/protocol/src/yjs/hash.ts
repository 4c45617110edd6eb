/** Continues a hash (FNV-1a) with a number of 32 bits. */
export const hashWith = (state: number, value: number) => Math.imul(state ^ value, 0x01000193)

/** Continues a hash with a client. */
export const hashClient = (state: number, client: number) =>
  hashWith(hashWith(state, client), client / 2 ** 32)

/** The last steps of MurmurHash3: each bit depends on all, and none is 0. */
export function finishHash(state: number): number {
  let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16) || 1
}
