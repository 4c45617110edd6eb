import { CLOCK_TOLERANCE_SECONDS } from '@mindfuse/service-kit'
import { type AccessTokenClaims, validForMs } from '@mindfuse/service-kit/access-tokens'

/**
 * How long a connection outlives the last check of its session, milliseconds: the life of an access
 * token. Without this end a gateway that is cut off from the API would keep revoked people for ever.
 */
export const MAX_UNCHECKED_MS = 15 * 60_000

/** By how much of that leases differ, so that an outage does not end all of them at once. */
const SPREAD = 0.2

/** How long a connection may stay open. */
export interface Lease {
  readonly sessionId: string
  /** When it ends unless it is extended, as clients are told, in the time of `performance.now()`. */
  readonly expiresAt: number
  /** For how much longer the connection stays open, milliseconds: a token's end is by another clock. */
  readonly graceMs: number
  /** Whether each check of the session extends it; else only a newer token does. */
  readonly lastsWithSession: boolean
}

/** The lease of a connection that an access token admits. */
export function leaseOfToken({ sid, exp, until }: AccessTokenClaims): Lease {
  if (until === 'session') return leaseOfSession(sid)
  const graceMs = CLOCK_TOLERANCE_SECONDS * 1_000
  const expiresAt = performance.now() + validForMs({ exp }) - graceMs
  return { sessionId: sid, expiresAt, graceMs, lastsWithSession: false }
}

/** The lease of a connection that a session admits which was just checked. */
export function leaseOfSession(sessionId: string): Lease {
  const lifeMs = MAX_UNCHECKED_MS * (1 - SPREAD * Math.random())
  return { sessionId, expiresAt: performance.now() + lifeMs, graceMs: 0, lastsWithSession: true }
}

/** The lease after a check that found its session alive. */
export function extendLease(lease: Lease): Lease {
  return lease.lastsWithSession ? leaseOfSession(lease.sessionId) : lease
}
