import type { HttpRequest } from 'uWebSockets.js'

/** What an upgrade says, copied out of a request that does not outlive its callback. */
export interface UpgradeRequest {
  boardId: string | undefined
  token: string | undefined
  origin: string | undefined
  webSocketKey: string
  webSocketProtocol: string
  webSocketExtensions: string
}

/** Reads `/ws/:boardId?token=` or `/ws?boardId=&token=`. */
export function readUpgradeRequest(request: HttpRequest): UpgradeRequest {
  const query = new URLSearchParams(request.getQuery())
  return {
    boardId: request.getParameter(0) || query.get('boardId') || undefined,
    token: query.get('token') ?? undefined,
    origin: request.getHeader('origin') || undefined,
    webSocketKey: request.getHeader('sec-websocket-key'),
    webSocketProtocol: request.getHeader('sec-websocket-protocol'),
    webSocketExtensions: request.getHeader('sec-websocket-extensions'),
  }
}
