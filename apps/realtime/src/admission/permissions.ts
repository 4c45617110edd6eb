import type { PermissionReply } from '@mindfuse/internal'
import type { Logger, TraceContext } from '@mindfuse/service-kit'
import type { PermissionCache } from '@mindfuse/shared-state'
import type { ApiAccess, Applicant } from './api-access.ts'

/** A user's role on a board. @throws Refusal 503 where neither the cache nor the API answers */
export type PermissionLookup = (
  applicant: Applicant,
  trace?: TraceContext,
) => Promise<PermissionReply>

/** Reads the cache, then asks the API. An unavailable cache only costs time. */
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
    // Nothing waits for the write: it is for later lookups.
    cache.set(boardId, userId, permission).catch((error) => {
      log.warn({ err: error, boardId }, 'permission cache cannot be written')
    })
    return permission
  }
}
