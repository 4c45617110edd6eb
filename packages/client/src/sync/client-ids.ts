import { encodeVarUints } from '@mindfuse/protocol'

/** As many bytes that nobody can guess. */
const SECRET_BYTES = 16

/** What new client ids are derived from; tabs that share edits have to share it. */
export function newSecret(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
}

/**
 * The client id that structs of `client` get from `clock` on. Tabs that moved the same edits would
 * otherwise each insert them; without the secret, another client could take this id as well.
 */
export function deriveClientId(secret: Uint8Array, client: number, clock: number): number {
  // FNV-1a, with the secret on both ends, and the last steps of MurmurHash3.
  let hash = 0x811c9dc5
  for (const byte of [...secret, ...encodeVarUints([client, clock]), ...secret]) {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Whether an update mentions a client; false positives are rare. A fraction of decoding it. */
export function mentions(update: Uint8Array, client: number): boolean {
  const id = encodeVarUints([client])
  const first = id[0] as number
  for (let at = update.indexOf(first); at >= 0; at = update.indexOf(first, at + 1)) {
    if (id.every((byte, i) => update[at + i] === byte)) return true
  }
  return false
}
