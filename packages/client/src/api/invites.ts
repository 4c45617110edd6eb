import type { Input, Reply, Request } from './request.ts'

/** An invitation to a board; `token` and `url` are returned only once. */
export type Invite = Reply<'POST /api/boards/{boardId}/invite'>

/** Invitations to boards. */
export const inviteMethods = (request: Request) => ({
  /**
   * Creates an invitation.
   *
   * @example
   * ```ts
   * const { token } = await client.api.invites.create(boardId, { role: 'editor' })
   * if (token) show(await client.api.invites.preview(token))
   * ```
   */
  create: (boardId: string, body: Input<'POST /api/boards/{boardId}/invite'>['body']) =>
    request('POST /api/boards/{boardId}/invite', { path: { boardId }, body }),
  list: (boardId: string) => request('GET /api/boards/{boardId}/invites', { path: { boardId } }),
  revoke: (boardId: string, inviteId: string) =>
    request('DELETE /api/boards/{boardId}/invites/{inviteId}', { path: { boardId, inviteId } }),
  /** The board of an invitation, before you accept it. */
  preview: (token: string) => request('GET /api/invites/{token}', { path: { token } }),
  accept: (token: string) => request('POST /api/invites/{token}/accept', { path: { token } }),
})
