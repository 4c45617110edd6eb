import type { Redis } from 'ioredis'
import { gather } from '../gather.ts'
import { REVOCATION_TTL_SECONDS, type SessionRevocations } from '../session-revocations.ts'

const revokedKey = (sessionId: string) => `session:${sessionId}:revoked`

/** When the store was first asked, milliseconds since 1970. It goes when the store is emptied. */
const REMEMBERED_SINCE_KEY = 'session:remembered-since'

/** How many sessions are looked up at a time, and how many times at once. */
const MAX_SESSIONS = 500
const MAX_LOOKUPS = 16

/** The revocations that all instances share. */
export function createDragonflySessionRevocations(redis: Redis): SessionRevocations {
  const findEnded = async (sessionIds: readonly string[]) => {
    // One GET each: the keys of sessions share no slot. In this order: where the store is emptied
    // between them, the last tells.
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

    has: gather({
      keyOf: (sessionId: string) => sessionId,
      ask: findEnded,
      maxQuestions: MAX_SESSIONS,
      maxAtOnce: MAX_LOOKUPS,
    }),
  }
}
