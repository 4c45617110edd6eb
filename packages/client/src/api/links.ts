import type { AccessToken } from '../auth/access-token.ts'
import { errorOf, MindfuseError } from '../errors.ts'
import type { Input, Reply, Request } from './request.ts'

/** A link to a board; `token` and `url` are returned only once. */
export type Link = Reply<'POST /api/boards/{boardId}/links'>

/** What a link leads to, before it is opened. */
export type LinkPreview = Reply<'GET /api/links/{token}'>

/** What opening a link gives. */
type OpenedLink = Reply<'POST /api/links/{token}/open'>

/** What a link may ask for: a guest's name, and its password. */
export type LinkInput = NonNullable<Input<'POST /api/links/{token}/open'>['body']>

/** How long a response may take, milliseconds. */
const TIMEOUT_MS = 30_000

/** Links to boards. `client.openLink` and `client.previewLink` are for those who receive one. */
export const linkMethods = (request: Request) => ({
  /**
   * Creates a link: who has it has its role for as long as it lives, with an account or without.
   *
   * @example
   * ```ts
   * const { id, token } = await client.api.links.create(boardId, { role: 'viewer' })
   * if (token) show(await client.previewLink(token))
   * await client.api.links.revoke(boardId, id)
   * ```
   */
  create: (boardId: string, body: Input<'POST /api/boards/{boardId}/links'>['body']) =>
    request('POST /api/boards/{boardId}/links', { path: { boardId }, body }),
  list: (boardId: string, query?: Input<'GET /api/boards/{boardId}/links'>['query']) =>
    request('GET /api/boards/{boardId}/links', { path: { boardId }, ...(query && { query }) }),
  /** Ends a link, and the connections of all who came by it. */
  revoke: (boardId: string, linkId: string) =>
    request('DELETE /api/boards/{boardId}/links/{linkId}', { path: { boardId, linkId } }),
  /** Who came to a board by which link. */
  guests: (boardId: string, query?: Input<'GET /api/boards/{boardId}/guests'>['query']) =>
    request('GET /api/boards/{boardId}/guests', { path: { boardId }, ...(query && { query }) }),
  removeGuest: (boardId: string, userId: string) =>
    request('DELETE /api/boards/{boardId}/guests/{userId}', { path: { boardId, userId } }),
})

/** What needs no token: a link is previewed and opened by anybody. */
export function linkEntry(deps: {
  apiUrl: string
  fetch: typeof globalThis.fetch
  /** The user's token; without it the browser's cookies say who opens a link. */
  getToken: ((options: { signal: AbortSignal }) => Promise<AccessToken>) | undefined
}) {
  const { apiUrl, fetch, getToken } = deps

  const call = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(`${apiUrl}/api/links/${path}`, {
      credentials: 'include',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    }).catch((cause) => {
      throw new MindfuseError('network_error', 'The API cannot be reached', { cause })
    })
    if (!response.ok) throw await errorOf(response)
    return response.json()
  }

  return {
    preview: async (token: string) => (await call(encodeURIComponent(token), {})) as LinkPreview,
    async open(token: string, input: LinkInput): Promise<OpenedLink> {
      const bearer = await getToken?.({ signal: AbortSignal.timeout(TIMEOUT_MS) })
      const answer = await call(`${encodeURIComponent(token)}/open`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(bearer && { authorization: `Bearer ${bearer.accessToken}` }),
        },
        body: JSON.stringify(input),
      })
      return answer as OpenedLink
    },
  }
}
