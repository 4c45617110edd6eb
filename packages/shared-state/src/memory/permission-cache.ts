import {
  PERMISSION_TTL_SECONDS,
  type PermissionCache,
  type PermissionKey,
} from '../permission-cache.ts'
import { dropOldest } from './drop-oldest.ts'

/** Most entries; past it the one that was written longest ago is forgotten. */
const MAX_ENTRIES = 10_000

const nameOf = ({ boardId, userId, sessionId }: PermissionKey) =>
  [boardId, userId, sessionId].join(' ')

/** The permission cache of a single process. `now` is in milliseconds, for tests. */
export function createMemoryPermissionCache(
  now: () => number = () => performance.now(),
): PermissionCache {
  const entries = new Map<string, { entry: string; expiresAt: number }>()
  return {
    async get(key) {
      const known = entries.get(nameOf(key))
      return known && known.expiresAt > now() ? known.entry : undefined
    },

    async set(key, entry) {
      const name = nameOf(key)
      entries.delete(name)
      entries.set(name, { entry, expiresAt: now() + PERMISSION_TTL_SECONDS * 1_000 })
      dropOldest(entries, MAX_ENTRIES)
    },
  }
}
