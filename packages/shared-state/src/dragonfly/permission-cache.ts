import { type PermissionReply, permissionReplySchema } from '@mindfuse/internal'
import type { Redis } from 'ioredis'
import { Compile } from 'typebox/compile'
import {
  ACCESS_VERSION_TTL_SECONDS,
  PERMISSION_TTL_SECONDS,
  type PermissionCache,
} from '../permission-cache.ts'

/** Raises a version and never lowers it: two changes may be announced out of order. */
const RAISE_VERSION_SCRIPT = `
local known = tonumber(redis.call('GET', KEYS[1]) or '0')
if tonumber(ARGV[1]) >= known then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
return 1`

const schema = Compile(permissionReplySchema)

// The braces are a hash tag: a board's keys share a slot, so one MGET may read both.
const permissionKey = (boardId: string, userId: string) => `board:{${boardId}}:permission:${userId}`
const versionKey = (boardId: string) => `board:{${boardId}}:access-version`

/** The permission cache that all instances share. */
export function createDragonflyPermissionCache(redis: Redis): PermissionCache {
  return {
    async get(boardId, userId) {
      const [entry, version] = await redis.mget(permissionKey(boardId, userId), versionKey(boardId))
      const permission = entry ? parse(entry) : undefined
      return permission && permission.version >= Number(version ?? 0) ? permission : undefined
    },

    async set(boardId, userId, permission) {
      const { role, version, canBroadcast } = permission
      await redis.set(
        permissionKey(boardId, userId),
        JSON.stringify({ role, version, canBroadcast }),
        'EX',
        PERMISSION_TTL_SECONDS,
      )
    },

    async raiseVersion(boardId, version) {
      await redis.eval(
        RAISE_VERSION_SCRIPT,
        1,
        versionKey(boardId),
        version,
        ACCESS_VERSION_TTL_SECONDS,
      )
    },
  }
}

/** What another release of ours may have written differently counts as absent. */
function parse(text: string): PermissionReply | undefined {
  const value: unknown = JSON.parse(text)
  return schema.Check(value) ? value : undefined
}
