import type { Redis } from 'ioredis'
import { REVOCATION_TTL_SECONDS, type SessionRevocations } from '../session-revocations.ts'

const revokedKey = (sessionId: string) => `session:${sessionId}:revoked`

/** When the store was first asked, milliseconds since 1970. It goes when the store is emptied. */
const REMEMBERED_SINCE_KEY = 'session:remembered-since'

/** The revocations that all instances share. */
export function createDragonflySessionRevocations(redis: Redis): SessionRevocations {
  return {
    async add(sessionIds) {
      await Promise.all(
        sessionIds.map((sessionId) =>
          redis.set(revokedKey(sessionId), '1', 'EX', REVOCATION_TTL_SECONDS),
        ),
      )
    },

    async has(sessionId) {
      // In this order: where the store is emptied between the two, the second tells.
      const [revoked, since] = await Promise.all([
        redis.get(revokedKey(sessionId)),
        redis.get(REMEMBERED_SINCE_KEY),
      ])
      if (revoked !== null) return true
      const now = Date.now()
      if (since === null) await redis.set(REMEMBERED_SINCE_KEY, now, 'NX')
      const ageMs = now - Number(since ?? now)
      return ageMs < REVOCATION_TTL_SECONDS * 1_000 ? undefined : false
    },
  }
}
