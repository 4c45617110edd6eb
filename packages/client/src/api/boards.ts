import type { Input, Reply, Request, RequestOptions } from './request.ts'

/** A board, with your permissions. */
export type BoardDetails = Reply<'GET /api/boards/{boardId}'>

/** A saved state of a board: named, or created before another version was restored. */
export type Version = Reply<'POST /api/boards/{boardId}/versions'>

type ListQuery = Input<'GET /api/workspaces/{workspaceId}/boards'>['query']
type TrashQuery = Input<'GET /api/workspaces/{workspaceId}/trash'>['query']
type HistoryQuery = Input<'GET /api/boards/{boardId}/history'>['query']
type VersionsQuery = Input<'GET /api/boards/{boardId}/versions'>['query']
type RemovalQuery = Input<'DELETE /api/boards/{boardId}/members/{userId}'>['query']
type Role = Input<'PUT /api/boards/{boardId}/members/{userId}'>['body']['role']

/** Boards and their members, documents and versions. */
export const boardMethods = (request: Request) => ({
  list: (workspaceId: string, query: ListQuery = {}) =>
    request('GET /api/workspaces/{workspaceId}/boards', { path: { workspaceId }, query }),
  get: (boardId: string) => request('GET /api/boards/{boardId}', { path: { boardId } }),
  create: (workspaceId: string, body: Input<'POST /api/workspaces/{workspaceId}/boards'>['body']) =>
    request('POST /api/workspaces/{workspaceId}/boards', { path: { workspaceId }, body }),
  /** The board that you call so, which is created where there is none. */
  putByKey: (workspaceId: string, externalKey: string, body: { name: string }) =>
    request('PUT /api/workspaces/{workspaceId}/boards/by-key/{externalKey}', {
      path: { workspaceId, externalKey },
      body,
    }),
  update: (boardId: string, body: Input<'PATCH /api/boards/{boardId}'>['body']) =>
    request('PATCH /api/boards/{boardId}', { path: { boardId }, body }),
  /**
   * Gives the board a thumbnail: a PNG or a WebP of at most 48 KiB. With `keepalive` it arrives although the page is
   * left.
   *
   * @example
   * ```ts
   * const onHidden = async (thumbnail: Blob) =>
   *   client.api.boards.setThumbnail(boardId, thumbnail, { keepalive: true })
   * show(onHidden)
   * ```
   */
  setThumbnail: (
    boardId: string,
    thumbnail: Blob,
    options: Pick<RequestOptions, 'keepalive' | 'signal'> = {},
  ) =>
    request('PUT /api/boards/{boardId}/thumbnail', { path: { boardId }, body: thumbnail }, options),
  /** Leaves the board without a thumbnail, for one that is empty now. */
  deleteThumbnail: (boardId: string, options: Pick<RequestOptions, 'keepalive' | 'signal'> = {}) =>
    request('DELETE /api/boards/{boardId}/thumbnail', { path: { boardId } }, options),
  /**
   * Sends a message to everyone who is on the board now.
   *
   * @example
   * ```ts
   * await client.api.boards.broadcast(boardId, 'notice', 'The build is done')
   * ```
   */
  broadcast: (boardId: string, event: string, payload: unknown) =>
    request('POST /api/boards/{boardId}/broadcast', {
      path: { boardId },
      body: { event, payload },
    }),
  duplicate: (boardId: string, body: Input<'POST /api/boards/{boardId}/duplicate'>['body'] = {}) =>
    request('POST /api/boards/{boardId}/duplicate', { path: { boardId }, body }),
  /** Moves it to the trash. */
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
  /** Removes a member; with `revokeInvites` also the invites and links by which they could come back. */
  removeMember: (boardId: string, userId: string, query: RemovalQuery = {}) =>
    request('DELETE /api/boards/{boardId}/members/{userId}', { path: { boardId, userId }, query }),
  /** The size and state of the document. */
  document: (boardId: string) =>
    request('GET /api/boards/{boardId}/document', { path: { boardId } }),
  /**
   * The document as a Yjs update.
   *
   * @example
   * ```ts
   * const { workspaceId } = await client.api.boards.get(boardId)
   * const copy = await client.api.boards.create(workspaceId, { name: 'Copy' })
   * await client.api.boards.import(copy.id, await client.api.boards.export(boardId))
   * ```
   */
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
  /** The board as the content of a `.excalidraw` file, with its pictures. */
  exportExcalidraw: async (boardId: string) =>
    (await request('GET /api/boards/{boardId}/export', {
      path: { boardId },
      query: { format: 'excalidraw' },
    })) as Record<string, unknown>,
  /**
   * Adds the content of a `.excalidraw` file to the board: its elements take the place of those with the same ids.
   *
   * @example
   * ```ts
   * const { workspaceId } = await client.api.boards.get(boardId)
   * const copy = await client.api.boards.create(workspaceId, { name: 'Copy' })
   * await client.api.boards.importExcalidraw(copy.id, await client.api.boards.exportExcalidraw(boardId))
   * ```
   */
  importExcalidraw: (boardId: string, file: object) =>
    request('POST /api/boards/{boardId}/import', {
      path: { boardId },
      body: new Blob([JSON.stringify(file)], { type: 'application/vnd.excalidraw+json' }),
    }),
  /** Applies a Yjs update to the document. */
  import: (boardId: string, update: Uint8Array) =>
    request('POST /api/boards/{boardId}/import', { path: { boardId }, body: update }),
  /** Who edited when, newest first. */
  history: (boardId: string, query: HistoryQuery = {}) =>
    request('GET /api/boards/{boardId}/history', { path: { boardId }, query }),
  versions: (boardId: string, query: VersionsQuery = {}) =>
    request('GET /api/boards/{boardId}/versions', { path: { boardId }, query }),
  /**
   * Saves the current state under a name.
   *
   * @example
   * ```ts
   * const { id } = await client.api.boards.createVersion(boardId, 'Before the workshop')
   * await client.api.boards.restoreVersion(boardId, id)
   * ```
   */
  createVersion: (boardId: string, name: string) =>
    request('POST /api/boards/{boardId}/versions', { path: { boardId }, body: { name } }),
  /** A version as a Yjs update. */
  version: (boardId: string, versionId: string) =>
    request('GET /api/boards/{boardId}/versions/{versionId}', { path: { boardId, versionId } }),
  deleteVersion: (boardId: string, versionId: string) =>
    request('DELETE /api/boards/{boardId}/versions/{versionId}', { path: { boardId, versionId } }),
  /** Restores a version with an edit; the current state becomes a version too. */
  restoreVersion: (boardId: string, versionId: string) =>
    request('POST /api/boards/{boardId}/versions/{versionId}/restore', {
      path: { boardId, versionId },
    }),
})
