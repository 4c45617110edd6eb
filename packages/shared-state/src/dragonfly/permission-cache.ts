import type { Redis } from 'ioredis'
import {
  PERMISSION_TTL_SECONDS,
  type PermissionCache,
  type PermissionKey,
} from '../permission-cache.ts'

const nameOf = ({ boardId, userId, sessionId }: PermissionKey) =>
  `board:{${boardId}}:permission:${userId}:${sessionId}`

/** The permission cache that all gateways share. */
export function createDragonflyPermissionCache(redis: Redis): PermissionCache {
  return {
    async get(key) {
      return (await redis.get(nameOf(key))) ?? undefined
    },

    async set(key, entry) {
      await redis.set(nameOf(key), entry, 'EX', PERMISSION_TTL_SECONDS)
    },
  }
}
