import { type Answer, Browser, callApi, type SignedIn } from '@mindfuse/testing'
import type { Stack } from './stack.ts'

/** What a page sends with every request of its own. */
const OF_A_PAGE = { 'sec-fetch-site': 'same-origin' }

/** A browser in which nobody is signed in, with what its page does. */
export interface Visitor {
  browser: Browser
  /** Opens a link. */
  open(token: string, body?: object, headers?: Record<string, string>): Promise<Answer>
  /** Any request of the page, with the browser's cookies. */
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
}

/** A new visitor, or one with the browser of somebody who is signed in. */
export function createVisitor({ apiUrl }: Pick<Stack, 'apiUrl'>, browser = new Browser()): Visitor {
  const post: Visitor['post'] = async (path, body, headers = {}) => {
    const response = await browser.fetch(`${apiUrl}${path}`, {
      method: 'POST',
      headers: {
        ...OF_A_PAGE,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
  }
  return {
    browser,
    post,
    open: (token, body = {}, headers) => post(`/api/links/${token}/open`, body, headers),
  }
}

/** A guest as somebody who is signed in: with a token and a browser. */
export async function openAsGuest(
  stack: Pick<Stack, 'apiUrl'>,
  token: string,
  name?: string,
): Promise<SignedIn & Visitor> {
  const visitor = createVisitor(stack)
  const { status, body } = await visitor.open(token, name === undefined ? {} : { name })
  if (status !== 200) throw new Error(`opening a link answered ${status} ${body.code}`)
  return { ...body, ...visitor }
}

/** Creates a link to a board. */
export async function createLink(
  { apiUrl }: Pick<Stack, 'apiUrl'>,
  boardId: string,
  { accessToken }: Pick<SignedIn, 'accessToken'>,
  body: object = { role: 'editor' },
): Promise<{ id: string; token: string }> {
  const answer = await callApi(`${apiUrl}/api/boards/${boardId}/links`, {
    token: accessToken,
    body,
  })
  if (answer.status !== 201) throw new Error(`creating a link answered ${answer.status}`)
  return answer.body
}
