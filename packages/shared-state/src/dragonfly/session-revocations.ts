import type { Redis } from 'ioredis'
import { REVOCATION_TTL_SECONDS, type SessionRevocations } from '../session-revocations.ts'

const revokedKey = (sessionId: string) => `session:${sessionId}:revoked`

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
      return (await redis.get(revokedKey(sessionId))) !== null
    },
  }
}
