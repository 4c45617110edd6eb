import type { Input, Reply, Request } from './request.ts'

/** What the API says of a board, with what the caller may do to it. */
export type BoardDetails = Reply<'GET /api/boards/{boardId}'>

/** A state of a board that was kept under a name, or before one of those was restored. */
export type Version = Reply<'POST /api/boards/{boardId}/versions'>

type ListQuery = Input<'GET /api/workspaces/{workspaceId}/boards'>['query']
type TrashQuery = Input<'GET /api/workspaces/{workspaceId}/trash'>['query']
type HistoryQuery = Input<'GET /api/boards/{boardId}/history'>['query']
type VersionsQuery = Input<'GET /api/boards/{boardId}/versions'>['query']
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
  /** Says something to everybody who is on the board now. */
  broadcast: (boardId: string, event: string, payload: unknown) =>
    request('POST /api/boards/{boardId}/broadcast', {
      path: { boardId },
      body: { event, payload },
    }),
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
  /** How large the document is, and in what state. */
  document: (boardId: string) =>
    request('GET /api/boards/{boardId}/document', { path: { boardId } }),
  /** The document as a Yjs update. */
  export: async (boardId: string) =>
    (await request('GET /api/boards/{boardId}/export', {
      path: { boardId },
      query: { format: 'update' },
    })) as Uint8Array,
  /** The document's shared types as JSON. */
  exportJson: async (boardId: string) =>
    (await request('GET /api/boards/{boardId}/export', {
      path: { boardId },
      query: { format: 'json' },
    })) as Record<string, unknown>,
  /** Adds a Yjs update to the document. */
  import: (boardId: string, update: Uint8Array) =>
    request('POST /api/boards/{boardId}/import', { path: { boardId }, body: update }),
  /** Who drew when, newest first. */
  history: (boardId: string, query: HistoryQuery = {}) =>
    request('GET /api/boards/{boardId}/history', { path: { boardId }, query }),
  versions: (boardId: string, query: VersionsQuery = {}) =>
    request('GET /api/boards/{boardId}/versions', { path: { boardId }, query }),
  /** Keeps the present state under a name. */
  createVersion: (boardId: string, name: string) =>
    request('POST /api/boards/{boardId}/versions', { path: { boardId }, body: { name } }),
  /** A version as a Yjs update. */
  version: (boardId: string, versionId: string) =>
    request('GET /api/boards/{boardId}/versions/{versionId}', { path: { boardId, versionId } }),
  deleteVersion: (boardId: string, versionId: string) =>
    request('DELETE /api/boards/{boardId}/versions/{versionId}', { path: { boardId, versionId } }),
  /** Brings the board to a version's content with an edit; what is there now is kept as a version. */
  restoreVersion: (boardId: string, versionId: string) =>
    request('POST /api/boards/{boardId}/versions/{versionId}/restore', {
      path: { boardId, versionId },
    }),
})
