import { accountMethods } from './account.ts'
import { boardMethods } from './boards.ts'
import { inviteMethods } from './invites.ts'
import { keyMethods } from './keys.ts'
import { linkMethods } from './links.ts'
import { membershipMethods } from './memberships.ts'
import type { Request } from './request.ts'
import { workspaceMethods } from './workspaces.ts'

/** The routes of the API as methods, and `request` for any of them. Each throws a MindfuseError. */
export function createApi(request: Request, renewToken: () => Promise<unknown>) {
  return {
    /**
     * Calls any route by its name.
     *
     * @example
     * ```ts
     * const route = 'GET /api/boards/{boardId}'
     * const details = await client.api.request(route, { path: { boardId } })
     * show(details.access.can.edit)
     * ```
     */
    request,
    account: accountMethods(request, renewToken),
    workspaces: workspaceMethods(request),
    boards: boardMethods(request),
    invites: inviteMethods(request),
    links: linkMethods(request),
    memberships: membershipMethods(request),
    keys: keyMethods(request),
  }
}

/** See {@link createApi}. */
export type Api = ReturnType<typeof createApi>
