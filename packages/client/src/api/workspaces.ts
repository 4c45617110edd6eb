import type { Input, Reply, Request } from './request.ts'

/** A workspace, with your permissions. */
export type Workspace = Reply<'GET /api/workspaces/{workspaceId}'>

/** What a workspace uses of its quotas; a limit of null is none. */
export type WorkspaceUsage = Reply<'GET /api/workspaces/{workspaceId}/usage'>

type ListQuery = Input<'GET /api/workspaces'>['query']
type MembersQuery = Input<'GET /api/workspaces/{workspaceId}/members'>['query']
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
  members: (workspaceId: string, query: MembersQuery = {}) =>
    request('GET /api/workspaces/{workspaceId}/members', { path: { workspaceId }, query }),
  addMember: (workspaceId: string, body: NewMember) =>
    request('POST /api/workspaces/{workspaceId}/members', { path: { workspaceId }, body }),
  setMemberRole: (workspaceId: string, userId: string, role: WorkspaceRole) =>
    request('PATCH /api/workspaces/{workspaceId}/members/{userId}', {
      path: { workspaceId, userId },
      body: { role },
    }),
  /** Removes a member; with `revokeInvites` also the open invites by which they could come back. */
  removeMember: (workspaceId: string, userId: string, query: RemovalQuery = {}) =>
    request('DELETE /api/workspaces/{workspaceId}/members/{userId}', {
      path: { workspaceId, userId },
      query,
    }),
})
