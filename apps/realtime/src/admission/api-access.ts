import type { Authorization } from '@mindfuse/internal'
import type { TraceContext } from '@mindfuse/service-kit'
import { createBatchLoader } from '@mindfuse/shared-state'
import type { ApiClient } from '../storage/api-client.ts'
import { Refusal } from './refusal.ts'

/** Most applicants in one request, and most requests in flight. */
const MAX_APPLICANTS = 500
const MAX_REQUESTS = 2

/** Who asks to connect, and where to. */
export interface Applicant {
  boardId: string
  userId: string
  sessionId: string
}

/** What an applicant may do, from the API itself. @throws Refusal 503 where it does not answer */
export type ApiAccess = (applicant: Applicant, trace?: TraceContext) => Promise<Authorization>

/**
 * Asks the API itself, whose database is the only one that knows for certain. Applicants that arrive
 * together share a request: one request each took half of the CPU of an arrival, in both services.
 */
export function createApiAccess(api: ApiClient): ApiAccess {
  const load = createBatchLoader<Applicant & { trace: TraceContext | undefined }, Authorization>({
    identify: ({ boardId, userId, sessionId }) => `${boardId} ${userId} ${sessionId}`,
    // A batch has one trace and may be part of several: it is sent in that of its first applicant.
    load: (applicants) => api.authorizations(applicants, applicants[0]?.trace),
    maxBatch: MAX_APPLICANTS,
    maxInFlight: MAX_REQUESTS,
  })
  return (applicant, trace) => load({ ...applicant, trace }).catch(accessUnavailable)
}

/** The API does not answer. @throws Refusal 503 */
export function accessUnavailable(cause: unknown): never {
  const detail = 'Access cannot be checked right now; try again later'
  throw new Refusal(503, 'permission_unavailable', detail, { cause })
}
