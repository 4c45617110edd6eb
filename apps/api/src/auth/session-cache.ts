import { parseDomainEvent } from '@mindfuse/internal'
import type { KeyScope } from '@mindfuse/protocol'
import { dropOldest, type EventBus } from '@mindfuse/shared-state'
import type { User } from '../users/schemas.ts'

/**
 * How long a session counts as alive without another query, milliseconds. A sign-out elsewhere
 * arrives at once; this bounds the delay while the event bus is down.
 */
const SESSION_CACHE_MS = 1_000

/** Most sessions remembered. */
const MAX_SESSIONS = 10_000

/** Who makes a request. */
export interface Principal {
  user: User
  /** Of a key; of nobody else. */
  scopes: readonly KeyScope[]
}

/** Who is behind a session, for the requests that follow each other closely. */
export interface SessionCache {
  get(sessionId: string): Principal | undefined
  /**
   * Remembers what `read` finds, unless something was forgotten meanwhile: it may be this.
   * @returns what was read
   */
  remember(sessionId: string, read: () => Promise<Principal>): Promise<Principal>
  /** Forgets sessions that ended: their tokens are invalid from this moment on. */
  forget(sessionIds: readonly string[]): void
  /** Forgets a user who has another name. */
  forgetUser(userId: string): void
  close(): void
}

/** @param deps.events carries the sessions that other instances ended, and whom they renamed */
export function createSessionCache(deps: { events: EventBus; now?: () => number }): SessionCache {
  const now = deps.now ?? (() => performance.now())
  const sessions = new Map<string, { principal: Principal; until: number }>()

  let forgotten = 0

  const forget = (sessionIds: readonly string[]) => {
    forgotten += sessionIds.length
    for (const sessionId of sessionIds) sessions.delete(sessionId)
  }
  const forgetUser = (userId: string) => {
    forgotten++
    for (const [sessionId, { principal }] of sessions) {
      if (principal.user.id === userId) sessions.delete(sessionId)
    }
  }
  const unsubscribe = deps.events.subscribe((message) => {
    const event = parseDomainEvent(message)
    forget(event?.sessions ?? [])
    if (event?.type === 'user.updated' && event.userId !== null) forgetUser(event.userId)
  })

  return {
    forget,
    forgetUser,
    close: unsubscribe,

    get(sessionId) {
      const session = sessions.get(sessionId)
      if (!session || session.until <= now()) return undefined
      return session.principal
    },

    async remember(sessionId, read) {
      const forgottenBefore = forgotten
      const principal = await read()
      if (forgotten === forgottenBefore) {
        sessions.delete(sessionId)
        sessions.set(sessionId, { principal, until: now() + SESSION_CACHE_MS })
        dropOldest(sessions, MAX_SESSIONS)
      }
      return principal
    },
  }
}
