import type { HttpRequest } from 'uWebSockets.js'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '@mindfuse/protocol'
import type { TraceContext } from '@mindfuse/service-kit'

/** RFC 6750; the scheme may be written in any case. */
const AUTHORIZATION = /^bearer +(.+)$/i

/** What an upgrade says, copied out of a request that does not outlive its callback. */
export interface UpgradeRequest {
  boardId: string | undefined
  token: string | undefined
  origin: string | undefined
  /** What the client says that it holds: see `BoardDocument.digest`. */
  digest: string | undefined
  /** The subprotocol to speak: `whiteboard.v1`, or none. The one with a token is never named. */
  subprotocol: typeof SUBPROTOCOL | ''
  webSocketKey: string
  webSocketExtensions: string
  /** The trace that it is part of. */
  trace?: TraceContext
}

/**
 * Reads `/ws/:boardId?token=` or `/ws?boardId=&token=`. A token may also come as a subprotocol
 * (`whiteboard.v1, bearer.<token>`) or in `Authorization`, where no log and no history sees it.
 * A page can offer subprotocols with a WebSocket alone, and set `Authorization` with `fetch` alone.
 */
export function readUpgradeRequest(request: HttpRequest): UpgradeRequest {
  const query = new URLSearchParams(request.getQuery())
  const offered = request
    .getHeader('sec-websocket-protocol')
    .split(',')
    .map((name) => name.trim())
  const bearer = offered.find((name) => name.startsWith(BEARER_SUBPROTOCOL_PREFIX))
  const [, authorization] = AUTHORIZATION.exec(request.getHeader('authorization')) ?? []
  return {
    boardId: request.getParameter(0) || query.get('boardId') || undefined,
    token:
      bearer?.slice(BEARER_SUBPROTOCOL_PREFIX.length) ??
      authorization ??
      query.get('token') ??
      undefined,
    origin: request.getHeader('origin') || undefined,
    digest: query.get('digest') || undefined,
    subprotocol: offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : '',
    webSocketKey: request.getHeader('sec-websocket-key'),
    webSocketExtensions: request.getHeader('sec-websocket-extensions'),
  }
}
