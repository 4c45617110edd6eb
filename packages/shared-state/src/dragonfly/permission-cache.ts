import type { Redis } from 'ioredis'
import { createBatchLoader } from '../batch-loader.ts'
import {
  PERMISSION_TTL_SECONDS,
  type PermissionCache,
  type PermissionKey,
} from '../permission-cache.ts'

const nameOf = ({ boardId, userId, sessionId }: PermissionKey) =>
  `board:{${boardId}}:permission:${userId}:${sessionId}`

/** Most entries in one command, and most of these in flight. */
const MAX_READ = 500
const MAX_READS = 4

/** The permission cache that all gateways share. A crowd that connects reads it in one command. */
export function createDragonflyPermissionCache(redis: Redis): PermissionCache {
  const read = createBatchLoader<PermissionKey, string | null>({
    identify: nameOf,
    load: (keys) => redis.mget(keys.map(nameOf)),
    maxBatch: MAX_READ,
    maxInFlight: MAX_READS,
  })
  return {
    async get(key) {
      return (await read(key)) ?? undefined
    },

    async set(key, entry) {
      await redis.set(nameOf(key), entry, 'EX', PERMISSION_TTL_SECONDS)
    },
  }
}
