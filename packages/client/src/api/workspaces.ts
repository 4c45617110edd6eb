import type { Input, Reply, Request } from './request.ts'

/** A workspace, with your permissions. */
export type Workspace = Reply<'GET /api/workspaces/{workspaceId}'>

/** What a workspace uses of its quotas; a limit of null is none. */
export type WorkspaceUsage = Reply<'GET /api/workspaces/{workspaceId}/usage'>

type ListQuery = Input<'GET /api/workspaces'>['query']
type MembersQuery = Input<'GET /api/workspaces/{workspaceId}/members'>['query']
type PendingQuery = Input<'GET /api/workspaces/{workspaceId}/memberships'>['query']
type RemovalQuery = Input<'DELETE /api/workspaces/{workspaceId}/members/{userId}'>['query']
type NewMember = Input<'POST /api/workspaces/{workspaceId}/members'>['body']
type WorkspaceRole = Input<'PATCH /api/workspaces/{workspaceId}/members/{userId}'>['body']['role']

/** Workspaces and their members. */
export const workspaceMethods = (request: Request) => ({
  list: (query: ListQuery = {}) => request('GET /api/workspaces', { query }),
  get: (workspaceId: string) =>
    request('GET /api/workspaces/{workspaceId}', { path: { workspaceId } }),
  create: (body: Input<'POST /api/workspaces'>['body']) =>
    request('POST /api/workspaces', { body }),
  update: (workspaceId: string, body: Input<'PATCH /api/workspaces/{workspaceId}'>['body']) =>
    request('PATCH /api/workspaces/{workspaceId}', { path: { workspaceId }, body }),
  delete: (workspaceId: string) =>
    request('DELETE /api/workspaces/{workspaceId}', { path: { workspaceId } }),
  /** What the workspace uses of its quotas, and their limits. */
  usage: (workspaceId: string) =>
    request('GET /api/workspaces/{workspaceId}/usage', { path: { workspaceId } }),
  /**
   * Sends a message to everyone who is in the channel of the workspace now.
   *
   * @example
   * ```ts
   * const { id } = await client.api.workspaces.create({ name: 'Team' })
   * await client.api.workspaces.broadcast(id, 'notice', 'The build is done')
   * ```
   */
  broadcast: (workspaceId: string, event: string, payload: unknown) =>
    request('POST /api/workspaces/{workspaceId}/broadcast', {
      path: { workspaceId },
      body: { event, payload },
    }),
  members: (workspaceId: string, query: MembersQuery = {}) =>
    request('GET /api/workspaces/{workspaceId}/members', { path: { workspaceId }, query }),
  /**
   * Offers a membership to an email. The person becomes a member when they accept.
   *
   * @example
   * ```ts
   * const { id } = await client.api.workspaces.create({ name: 'Team' })
   * await client.api.workspaces.addMember(id, { email: 'alan@example.com', role: 'admin' })
   * show((await client.api.workspaces.memberships(id)).items)
   * ```
   */
  addMember: (workspaceId: string, body: NewMember) =>
    request('POST /api/workspaces/{workspaceId}/members', { path: { workspaceId }, body }),
  /** What the workspace has offered and nobody has answered yet. */
  memberships: (workspaceId: string, query: PendingQuery = {}) =>
    request('GET /api/workspaces/{workspaceId}/memberships', { path: { workspaceId }, query }),
  withdrawMembership: (workspaceId: string, membershipId: string) =>
    request('DELETE /api/workspaces/{workspaceId}/memberships/{membershipId}', {
      path: { workspaceId, membershipId },
    }),
  /** Offers the workspace to another member, who owns it when they accept. */
  transfer: (workspaceId: string, userId: string) =>
    request('POST /api/workspaces/{workspaceId}/transfer', {
      path: { workspaceId },
      body: { userId },
    }),
  setMemberRole: (workspaceId: string, userId: string, role: WorkspaceRole) =>
    request('PATCH /api/workspaces/{workspaceId}/members/{userId}', {
      path: { workspaceId, userId },
      body: { role },
    }),
  /** Removes a member; with `revokeInvites` also the invites and links by which they could come back. */
  removeMember: (workspaceId: string, userId: string, query: RemovalQuery = {}) =>
    request('DELETE /api/workspaces/{workspaceId}/members/{userId}', {
      path: { workspaceId, userId },
      query,
    }),
})
