import type { Redis } from 'ioredis'
import { createBatchLoader } from '../batch-loader.ts'
import { REVOCATION_TTL_SECONDS, type SessionRevocations } from '../session-revocations.ts'

const revokedKey = (sessionId: string) => `session:${sessionId}:revoked`

/** When the store was first read, milliseconds since 1970; lost when the store loses its data. */
const REMEMBERED_SINCE_KEY = 'session:remembered-since'

/** Most sessions in one lookup, and most lookups in flight. */
const MAX_SESSIONS = 500
const MAX_LOOKUPS = 16

/** The revocations that all instances share. */
export function createDragonflySessionRevocations(redis: Redis): SessionRevocations {
  const findEnded = async (sessionIds: readonly string[]) => {
    // One GET each: the keys of sessions share no slot. This order matters: if the store loses its data
    // in between, the last read shows it.
    const [marks, since] = await Promise.all([
      Promise.all(sessionIds.map((sessionId) => redis.get(revokedKey(sessionId)))),
      redis.get(REMEMBERED_SINCE_KEY),
    ])
    const now = Date.now()
    if (since === null) await redis.set(REMEMBERED_SINCE_KEY, now, 'NX')
    const isOld = now - Number(since ?? now) >= REVOCATION_TTL_SECONDS * 1_000
    const otherwise = isOld ? false : undefined
    return marks.map((mark) => (mark === null ? otherwise : true))
  }

  return {
    async add(sessionIds) {
      await Promise.all(
        sessionIds.map((sessionId) =>
          redis.set(revokedKey(sessionId), '1', 'EX', REVOCATION_TTL_SECONDS),
        ),
      )
    },

    has: createBatchLoader({
      identify: (sessionId: string) => sessionId,
      load: findEnded,
      maxBatch: MAX_SESSIONS,
      maxInFlight: MAX_LOOKUPS,
    }),
  }
}
