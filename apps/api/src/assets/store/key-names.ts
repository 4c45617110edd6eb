import type { AssetKey } from './asset-store.ts'

const NAME = /^([0-9a-f]{64})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** How many hexadecimal digits of a digest name the part of the store that has it. */
const SHARD_DIGITS = 2

/** The parts of a store, in order: none of them has too many entries. */
export const SHARDS: readonly string[] = Array.from({ length: 16 ** SHARD_DIGITS }, (_, i) =>
  i.toString(16).padStart(SHARD_DIGITS, '0'),
)

/** Where a store has an asset, below its own place. */
export function pathOf({ digest, id }: AssetKey): string {
  return `${digest.slice(0, SHARD_DIGITS)}/${digest}.${id}`
}

/** The key whose path ends like this; undefined where none does. */
export function keyOf(shard: string, name: string): AssetKey | undefined {
  const [, digest = '', id = ''] = NAME.exec(name) ?? []
  return digest.startsWith(shard) && id !== '' ? { digest, id } : undefined
}
