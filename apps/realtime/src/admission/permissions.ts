import type { PermissionReply } from '@mindfuse/protocol'
import type { Logger, TraceContext } from '@mindfuse/service-kit'
import type { PermissionCache } from '@mindfuse/shared-state'
import type { ApiClient } from '../storage/api-client.ts'
import { Refusal } from './refusal.ts'

/** Somebody's role on a board. @throws Refusal 503 where nobody can say */
export type PermissionLookup = (
  boardId: string,
  userId: string,
  trace?: TraceContext,
) => Promise<PermissionReply>

/** Asks the cache, then the API. A cache that is away only costs the shortcut. */
export function createPermissionLookup(deps: {
  cache: PermissionCache
  api: ApiClient
  log: Logger
  onLookup: (outcome: 'hit' | 'miss') => void
}): PermissionLookup {
  const { cache, api, log, onLookup } = deps
  return async (boardId, userId, trace) => {
    const cached = await cache.get(boardId, userId).catch((error) => {
      log.warn({ err: error, boardId }, 'permission cache cannot be read')
      return undefined
    })
    onLookup(cached ? 'hit' : 'miss')
    if (cached) return cached
    const permission = await api.permission(boardId, userId, trace).catch((cause) => {
      throw new Refusal(503, 'permission_unavailable', 'Access cannot be checked at the moment', {
        cause,
      })
    })
    await cache.set(boardId, userId, permission).catch((error) => {
      log.warn({ err: error, boardId }, 'permission cache cannot be written')
    })
    return permission
  }
}
