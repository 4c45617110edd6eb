import type { HttpRequest } from 'uWebSockets.js'
import { BEARER_SUBPROTOCOL_PREFIX, BINARY_SUBPROTOCOL, SUBPROTOCOL } from '@mindfuse/protocol'
import {
  hashSessionToken,
  isKeyValue,
  looksLikeKey,
  readSessionCookies,
  type SentSessionCookie,
  type TraceContext,
} from '@mindfuse/service-kit'
import { requestIdOf } from '../answer-names.ts'

/** RFC 6750; the scheme may be written in any case. */
const AUTHORIZATION = /^bearer +(.+)$/i

/** Where clients connect. Some proxies and libraries add the slash at the end. */
export const UPGRADE_PATHS = ['/ws', '/ws/', '/ws/:boardId', '/ws/:boardId/']

/** Where clients connect who join channels. */
export const CHANNELS_PATHS = ['/channels', '/channels/']

/** Those a gateway speaks, the richest first. */
const SUBPROTOCOLS = [SUBPROTOCOL, BINARY_SUBPROTOCOL] as const

/** A key that a request carries: its hash, or why it cannot count. Its value is in nothing that is kept. */
export type SentKey = { hash: string } | { refused: 'key_invalid' | 'key_in_url' }

/** An upgrade request, copied because the original does not outlive its callback. */
export interface UpgradeRequest {
  /** Whom it is from. */
  address: string
  /** What a proxy calls it, or a new name. */
  requestId: string
  boardId: string | undefined
  /** Whether it is for channels, and so for no board. */
  isForChannels: boolean
  /** An access token. */
  token: string | undefined
  /** What it carries in place of an access token. */
  key: SentKey | undefined
  /** The session cookies of a page that sends neither: these take precedence. */
  sessionCookies: SentSessionCookie[]
  origin: string | undefined
  /** A plain GET of a page of this very origin: browsers send no `Origin` with these. */
  isSameOriginGet: boolean
  /** The digest of the document that the client holds: see `BoardDocument.digest`. */
  digest: string | undefined
  /** The negotiated subprotocol, or none. The one with a token is never echoed. */
  subprotocol: (typeof SUBPROTOCOLS)[number] | ''
  webSocketKey: string
  webSocketExtensions: string
  /** The trace that it is part of. */
  trace?: TraceContext
}

/**
 * Reads `/ws/:boardId?token=`, `/ws?boardId=&token=` or `/channels?token=`. A token may also come as a subprotocol
 * (`whiteboard.v1, bearer.<token>`, or `yjs, bearer.<token>`) or in `Authorization`, which appear in no access log or history.
 * A page can offer subprotocols only with a WebSocket, and set `Authorization` only with `fetch`.
 * A key may stand for a token anywhere but in the URL.
 */
export function readUpgradeRequest(request: HttpRequest, address: string): UpgradeRequest {
  const query = new URLSearchParams(request.getQuery())
  const offered = offeredSubprotocols(request)
  const bearer = offered.find((name) => name.startsWith(BEARER_SUBPROTOCOL_PREFIX))
  const [, authorization] = AUTHORIZATION.exec(request.getHeader('authorization')) ?? []
  const header = bearer?.slice(BEARER_SUBPROTOCOL_PREFIX.length) ?? authorization
  const inUrl = query.get('token') ?? undefined
  const key = readKey(header, inUrl)
  const token = key ? undefined : (header ?? inUrl)
  const origin = request.getHeader('origin') || undefined
  const webSocketKey = request.getHeader('sec-websocket-key')
  return {
    address,
    requestId: requestIdOf(request),
    boardId: request.getParameter(0) || query.get('boardId') || undefined,
    isForChannels: CHANNELS_PATHS.includes(request.getUrl()),
    token,
    key,
    sessionCookies:
      token === undefined && !key ? readSessionCookies(request.getHeader('cookie')) : [],
    origin,
    isSameOriginGet: webSocketKey === '' && request.getHeader('sec-fetch-site') === 'same-origin',
    digest: query.get('digest') || undefined,
    subprotocol: SUBPROTOCOLS.find((name) => offered.includes(name)) ?? '',
    webSocketKey,
    webSocketExtensions: request.getHeader('sec-websocket-extensions'),
  }
}

/** URLs are in logs and histories: a key in one is refused, whatever else comes with it. */
function readKey(header: string | undefined, inUrl: string | undefined): SentKey | undefined {
  if (inUrl !== undefined && looksLikeKey(inUrl)) return { refused: 'key_in_url' }
  if (header === undefined || !looksLikeKey(header)) return undefined
  return isKeyValue(header) ? { hash: hashSessionToken(header) } : { refused: 'key_invalid' }
}

/** The header may come more than once (RFC 6455, section 11.3.4); `getHeader` returns the first. */
function offeredSubprotocols(request: HttpRequest): string[] {
  const offered: string[] = []
  if (request.getHeader('sec-websocket-protocol') === '') return offered
  request.forEach((name, value) => {
    if (name !== 'sec-websocket-protocol') return
    offered.push(...value.split(',').map((subprotocol) => subprotocol.trim()))
  })
  return offered
}
