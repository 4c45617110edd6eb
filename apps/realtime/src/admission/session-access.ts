import type { SessionAuthorization } from '@mindfuse/internal'
import {
  isShareUsedUp,
  networkOf,
  type SentSessionCookie,
  type TraceContext,
} from '@mindfuse/service-kit'
import { createBatchLoader } from '@mindfuse/shared-state'
import type { ApiClient } from '../storage/api-client.ts'
import { accessUnavailable } from './api-access.ts'
import { Refusal } from './refusal.ts'

/** Most requests with cookies or keys in one request to the API, and most requests in flight. */
const MAX_COOKIES = 500
const MAX_REQUESTS = 2

/**
 * Most requests with cookies or keys that are being decided on at a time. Only the API can tell a session's
 * cookie from 43 random characters, while a token proves itself: so cookies and keys, which anyone can make up, take at
 * most half of `MAX_PENDING_ADMISSIONS`, however slowly the API answers. Those of one address take at most a
 * third of what is free of them: pages elsewhere connect while one floods.
 */
export const MAX_PENDING_COOKIES = 500

/** A page that asks to connect with its session cookie, or a program with a key, and where to. */
export interface SessionApplicant {
  /** Whom it is from. */
  address: string
  boardId: string
  cookies: SentSessionCookie[]
  /** The hash of a key, which counts in place of cookies. */
  key?: string
}

/**
 * Whose session it is, and what they may do, from the API itself.
 * @throws Refusal 401 where it is nobody's, 503 where the API does not answer or is asked too much
 */
export type SessionAccess = (
  applicant: SessionApplicant,
  trace?: TraceContext,
) => Promise<NonNullable<SessionAuthorization>>

/** Asks the API about cookies and keys, in batches of their own: junk delays nobody who has a token. */
export function createSessionAccess(api: ApiClient): SessionAccess {
  const load = createBatchLoader<
    Omit<SessionApplicant, 'address'> & { trace: TraceContext | undefined },
    SessionAuthorization
  >({
    identify: ({ boardId, cookies, key }) =>
      [boardId, key, ...cookies.map(({ hash }) => hash)].join(' '),
    // A batch has one trace and may be part of several: it is sent in that of its first applicant.
    load: (applicants) => api.sessionAuthorizations(applicants, applicants[0]?.trace),
    maxBatch: MAX_COOKIES,
    maxInFlight: MAX_REQUESTS,
  })
  let pending = 0
  /** By network; none of those without a pending request. */
  const pendingOf = new Map<string, number>()
  return async ({ address, ...applicant }, trace) => {
    const network = networkOf(address)
    const used = pendingOf.get(network) ?? 0
    const budget = { used, total: pending, most: MAX_PENDING_COOKIES }
    if (pending >= MAX_PENDING_COOKIES || isShareUsedUp(budget)) {
      throw new Refusal(503, 'busy', 'Server overloaded; try again later')
    }
    pending++
    pendingOf.set(network, used + 1)
    try {
      const access = await load({ ...applicant, trace }).catch(accessUnavailable)
      if (!access) throw applicant.key === undefined ? sessionEnded() : keyInvalid()
      return access
    } finally {
      pending--
      const left = (pendingOf.get(network) ?? 1) - 1
      if (left > 0) pendingOf.set(network, left)
      else pendingOf.delete(network)
    }
  }
}

function sessionEnded(): Refusal {
  return new Refusal(401, 'session_ended', 'The session has ended; sign in again')
}

/** The same answer for a key that was cut short, that has ended, and that never was. */
export function keyInvalid(): Refusal {
  return new Refusal(401, 'key_invalid', 'Invalid, expired or revoked key')
}
