import type { Input, Reply, Request } from './request.ts'

/** What the API says of a board, with what the caller may do to it. */
export type BoardDetails = Reply<'GET /api/boards/{boardId}'>

type ListQuery = Input<'GET /api/workspaces/{workspaceId}/boards'>['query']
type TrashQuery = Input<'GET /api/workspaces/{workspaceId}/trash'>['query']
type Role = Input<'PUT /api/boards/{boardId}/members/{userId}'>['body']['role']

/** Boards and who is on them. */
export const boardMethods = (request: Request) => ({
  list: (workspaceId: string, query: ListQuery = {}) =>
    request('GET /api/workspaces/{workspaceId}/boards', { path: { workspaceId }, query }),
  get: (boardId: string) => request('GET /api/boards/{boardId}', { path: { boardId } }),
  create: (workspaceId: string, body: Input<'POST /api/workspaces/{workspaceId}/boards'>['body']) =>
    request('POST /api/workspaces/{workspaceId}/boards', { path: { workspaceId }, body }),
  update: (boardId: string, body: Input<'PATCH /api/boards/{boardId}'>['body']) =>
    request('PATCH /api/boards/{boardId}', { path: { boardId }, body }),
  duplicate: (boardId: string, body: Input<'POST /api/boards/{boardId}/duplicate'>['body'] = {}) =>
    request('POST /api/boards/{boardId}/duplicate', { path: { boardId }, body }),
  /** Puts it in the trash. */
  delete: (boardId: string) => request('DELETE /api/boards/{boardId}', { path: { boardId } }),
  trash: (workspaceId: string, query: TrashQuery = {}) =>
    request('GET /api/workspaces/{workspaceId}/trash', { path: { workspaceId }, query }),
  restore: (boardId: string) =>
    request('POST /api/boards/{boardId}/restore', { path: { boardId } }),
  deletePermanently: (boardId: string) =>
    request('DELETE /api/boards/{boardId}/permanently', { path: { boardId } }),
  members: (boardId: string) => request('GET /api/boards/{boardId}/members', { path: { boardId } }),
  setMemberRole: (boardId: string, userId: string, role: Role) =>
    request('PUT /api/boards/{boardId}/members/{userId}', {
      path: { boardId, userId },
      body: { role },
    }),
  removeMember: (boardId: string, userId: string) =>
    request('DELETE /api/boards/{boardId}/members/{userId}', { path: { boardId, userId } }),
})
