import { hasScope, type KeyScope } from '@mindfuse/protocol'
import type { FastifyContextConfig, FastifyRequest } from 'fastify'
import { ApiError, forbidden } from '../http/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route besides people; nobody where it says nothing. */
    openTo?: {
      guests?: true
      appUsers?: true
      /** The scope that a key needs, or that it needs none. */
      keys?: KeyScope | 'any'
    }
  }
}

/** Refuses callers whose kind of user the route is not open to. @throws ApiError 403 */
export function requireOpenTo({ user, scopes, routeOptions }: FastifyRequest): void {
  const { guests, appUsers, keys }: NonNullable<FastifyContextConfig['openTo']> =
    routeOptions.config.openTo ?? {}
  switch (user.kind) {
    case 'person':
      return
    case 'guest':
      if (!guests) throw forbidden('Guests may not do that; sign in')
      return
    case 'app_user':
      if (!appUsers) throw forbidden('Only people who sign in may do that')
      return
    case 'key':
      if (keys === undefined) throw forbidden('Keys may not do that')
      if (keys !== 'any' && !hasScope(scopes, keys)) throw scopeRequired(keys)
  }
}

/** The refusal of something that a key was not made for. */
export function scopeRequired(scope: KeyScope): ApiError {
  const detail = `That takes a key with the scope ${scope}`
  return new ApiError(403, 'scope_required', detail, { details: { scope } })
}
