import { REVOCATION_TTL_SECONDS, type SessionRevocations } from '../session-revocations.ts'
import { dropOldest } from './drop-oldest.ts'

/** Most revocations remembered; past it the oldest is forgotten. */
const MAX_REVOCATIONS = 100_000

const REVOCATION_TTL_MS = REVOCATION_TTL_SECONDS * 1_000

/**
 * The revocations of a single process, which knows nothing of what ended before it started. `now`
 * is in milliseconds, for tests.
 */
export function createMemorySessionRevocations(now: () => number = Date.now): SessionRevocations {
  const since = now()
  const endings = new Map<string, number>()
  return {
    async add(sessionIds) {
      for (const sessionId of sessionIds) {
        endings.delete(sessionId)
        endings.set(sessionId, now() + REVOCATION_TTL_MS)
        dropOldest(endings, MAX_REVOCATIONS)
      }
    },
    async has(sessionId) {
      if ((endings.get(sessionId) ?? 0) > now()) return true
      return now() - since < REVOCATION_TTL_MS ? undefined : false
    },
  }
}
