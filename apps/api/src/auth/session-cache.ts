import type { DomainEvent } from '@mindfuse/protocol'
import type { EventBus } from '@mindfuse/shared-state'
import type { User } from '../users/schemas.ts'

/**
 * How long a session is taken for alive without asking again, milliseconds. A sign-out elsewhere
 * is told at once; this bounds what happens when nobody can tell.
 */
const SESSION_CACHE_MS = 1_000

/** Most sessions remembered. */
const MAX_SESSIONS = 10_000

/** Who is behind a session, for the requests that follow each other closely. */
export interface SessionCache {
  get(sessionId: string): User | undefined
  set(sessionId: string, user: User): void
  /** Sessions ended: their tokens hold no longer from this moment on. */
  forget(sessionIds: readonly string[]): void
  close(): void
}

/** @param deps.events tells of sessions that other instances ended */
export function createSessionCache(deps: { events: EventBus; now?: () => number }): SessionCache {
  const now = deps.now ?? Date.now
  const sessions = new Map<string, { user: User; until: number }>()

  const forget = (sessionIds: readonly string[]) => {
    for (const sessionId of sessionIds) sessions.delete(sessionId)
  }
  const unsubscribe = deps.events.subscribe((message) => {
    forget((JSON.parse(message) as DomainEvent).sessions)
  })

  return {
    forget,
    close: unsubscribe,

    get(sessionId) {
      const session = sessions.get(sessionId)
      if (!session || session.until <= now()) return undefined
      return session.user
    },

    set(sessionId, user) {
      sessions.delete(sessionId)
      sessions.set(sessionId, { user, until: now() + SESSION_CACHE_MS })
      const oldest = sessions.keys().next()
      if (sessions.size > MAX_SESSIONS && !oldest.done) sessions.delete(oldest.value)
    },
  }
}
