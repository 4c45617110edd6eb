import type { Authorization } from '@mindfuse/internal'
import type { TraceContext } from '@mindfuse/service-kit'
import { gather } from '@mindfuse/shared-state'
import type { ApiClient } from '../storage/api-client.ts'
import { Refusal } from './refusal.ts'

/** Most people asked about in one request, and most requests under way. */
const MAX_PEOPLE = 500
const MAX_REQUESTS = 2

/** Who wants to come in. */
export interface Applicant {
  boardId: string
  userId: string
  sessionId: string
}

/** What the API itself says that somebody may do. @throws Refusal 503 where it cannot be asked */
export type ApiAccess = (applicant: Applicant, trace?: TraceContext) => Promise<Authorization>

/**
 * Asks the API about whoever the shared state does not know enough of. Many arrive at once, and share
 * a request: requests of their own were half of the CPU that an arrival cost, here and there.
 */
export function createApiAccess(api: ApiClient): ApiAccess {
  const ask = gather<Applicant & { trace: TraceContext | undefined }, Authorization>({
    keyOf: ({ boardId, userId, sessionId }) => `${boardId} ${userId} ${sessionId}`,
    // A request is part of one trace, and may be for several: it is the first one's.
    ask: (applicants) => api.authorizations(applicants, applicants[0]?.trace),
    maxQuestions: MAX_PEOPLE,
    maxAtOnce: MAX_REQUESTS,
  })
  return (applicant, trace) =>
    ask({ ...applicant, trace }).catch((cause) => {
      throw new Refusal(503, 'permission_unavailable', 'Access cannot be checked at the moment', {
        cause,
      })
    })
}
