import type { Redis } from 'ioredis'
import { GATEWAY_LEASE_MS, type PresenceStore, type StoredPresence } from '../presence-store.ts'

/** A board without a change for this long has no connections, whatever its hash holds, seconds. */
const PRESENCE_TTL_SECONDS = 24 * 60 * 60

// The braces are a hash tag: a board's keys share a slot.
const presenceKey = (boardId: string) => `board:{${boardId}}:presence`
const connectionsKey = (boardId: string) => `board:{${boardId}}:connections`
const leaseKey = (gatewayId: string) => `gateway:${gatewayId}`

/** Presence in a hash a board (connection → JSON), and gateways as keys that expire. */
export function createDragonflyPresenceStore(redis: Redis): PresenceStore {
  const remove = async (boardId: string, connectionIds: string[]) => {
    if (connectionIds.length === 0) return
    await Promise.all([
      redis.hdel(presenceKey(boardId), ...connectionIds),
      redis.srem(connectionsKey(boardId), ...connectionIds),
    ])
  }

  const findDead = async (gatewayIds: string[]) => {
    if (gatewayIds.length === 0) return []
    // One GET each: the keys of gateways share no slot.
    const leases = await Promise.all(gatewayIds.map((id) => redis.get(leaseKey(id))))
    return gatewayIds.filter((_, i) => leases[i] === null)
  }

  return {
    remove,
    findDead,

    async put(boardId, entries) {
      if (entries.length === 0) return
      const values = entries.map(
        ({ connectionId, gatewayId, presence }) =>
          [connectionId, JSON.stringify({ gatewayId, presence })] as const,
      )
      await Promise.all([
        redis.hset(presenceKey(boardId), ...values.flat()),
        redis.expire(presenceKey(boardId), PRESENCE_TTL_SECONDS),
        redis.sadd(connectionsKey(boardId), ...values.map(([connectionId]) => connectionId)),
        redis.expire(connectionsKey(boardId), PRESENCE_TTL_SECONDS),
      ])
    },

    async list(boardId) {
      const hash = await redis.hgetall(presenceKey(boardId))
      const entries: StoredPresence[] = Object.entries(hash).map(([connectionId, text]) => ({
        connectionId,
        ...(JSON.parse(text) as Omit<StoredPresence, 'connectionId'>),
      }))
      const gateways = [...new Set(entries.map(({ gatewayId }) => gatewayId))]
      const dead = new Set(await findDead(gateways))
      const ghosts = entries.filter(({ gatewayId }) => dead.has(gatewayId))
      await remove(
        boardId,
        ghosts.map(({ connectionId }) => connectionId),
      )
      return entries.filter(({ gatewayId }) => !dead.has(gatewayId))
    },

    async renewLease(gatewayId) {
      return (await redis.set(leaseKey(gatewayId), '1', 'PX', GATEWAY_LEASE_MS, 'GET')) !== null
    },

    async releaseLease(gatewayId) {
      await redis.del(leaseKey(gatewayId))
    },
  }
}
