import type { Input, Reply, Request } from './request.ts'

/** A key of a workspace, without its value. */
export type Key = Reply<'GET /api/workspaces/{workspaceId}/keys'>['items'][number]

type ListQuery = Input<'GET /api/workspaces/{workspaceId}/keys'>['query']
type NewKey = Input<'POST /api/workspaces/{workspaceId}/keys'>['body']

/** Keys of workspaces, with which programs come in. */
export const keyMethods = (request: Request) => ({
  list: (workspaceId: string, query: ListQuery = {}) =>
    request('GET /api/workspaces/{workspaceId}/keys', { path: { workspaceId }, query }),
  /**
   * Creates a key. Its value is in no other answer.
   *
   * @example
   * ```ts
   * const team = await client.api.workspaces.create({ name: 'Team' })
   * const { id, key } = await client.api.keys.create(team.id, {
   *   name: 'Nightly export',
   *   scopes: ['boards:read'],
   * })
   * show(key) // mf_…
   * await client.api.keys.revoke(team.id, id)
   * ```
   */
  create: (workspaceId: string, body: NewKey) =>
    request('POST /api/workspaces/{workspaceId}/keys', { path: { workspaceId }, body }),
  /** Ends a key, its connections, and what was minted with it. */
  revoke: (workspaceId: string, keyId: string) =>
    request('DELETE /api/workspaces/{workspaceId}/keys/{keyId}', { path: { workspaceId, keyId } }),
})
