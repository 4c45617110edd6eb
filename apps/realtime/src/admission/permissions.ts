import type { PermissionReply } from '@mindfuse/internal'
import type { Logger, TraceContext } from '@mindfuse/service-kit'
import type { PermissionCache } from '@mindfuse/shared-state'
import type { ApiAccess, Applicant } from './api-access.ts'

/** Somebody's role on a board. @throws Refusal 503 where nobody can say */
export type PermissionLookup = (
  applicant: Applicant,
  trace?: TraceContext,
) => Promise<PermissionReply>

/** Asks the cache, then the API. A cache that is away only costs the shortcut. */
export function createPermissionLookup(deps: {
  cache: PermissionCache
  askApi: ApiAccess
  log: Logger
  onLookup: (outcome: 'hit' | 'miss') => void
}): PermissionLookup {
  const { cache, askApi, log, onLookup } = deps
  return async (applicant, trace) => {
    const { boardId, userId } = applicant
    const cached = await cache.get(boardId, userId).catch((error) => {
      log.warn({ err: error, boardId }, 'permission cache cannot be read')
      return undefined
    })
    onLookup(cached ? 'hit' : 'miss')
    if (cached) return cached
    const { role, version, canBroadcast } = await askApi(applicant, trace)
    const permission = { role, version, canBroadcast }
    // Nobody waits for it: it is for whoever comes next.
    cache.set(boardId, userId, permission).catch((error) => {
      log.warn({ err: error, boardId }, 'permission cache cannot be written')
    })
    return permission
  }
}
