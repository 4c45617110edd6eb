import type { Input, Reply, Request } from './request.ts'

/** A role in a workspace that is offered to a person and not accepted yet. */
export type Membership = Reply<'GET /api/memberships'>['items'][number]

type ListQuery = Input<'GET /api/memberships'>['query']

/** Memberships of workspaces that are offered to you. */
export const membershipMethods = (request: Request) => ({
  /**
   * What is offered to you, newest first.
   *
   * @example
   * ```ts
   * const { items } = await client.api.memberships.list()
   * for (const { id } of items) await client.api.memberships.accept(id)
   * ```
   */
  list: (query: ListQuery = {}) => request('GET /api/memberships', { query }),
  /** Makes you a member. @returns the workspace */
  accept: (membershipId: string) =>
    request('POST /api/memberships/{membershipId}/accept', { path: { membershipId } }),
  decline: (membershipId: string) =>
    request('POST /api/memberships/{membershipId}/decline', { path: { membershipId } }),
})
