/** The subprotocol that adds text frames to the binary frames of Yjs. */
export const SUBPROTOCOL = 'whiteboard.v1'

/**
 * The subprotocol of binary frames alone, for clients that cannot take text frames but send their token
 * as a subprotocol: a browser fails if the response names none of those offered.
 *
 * @example
 * ```ts
 * const protocols = [BINARY_SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${accessToken}`]
 * show(protocols) // for `new WebsocketProvider(url, boardId, doc, { protocols })`
 * ```
 */
export const BINARY_SUBPROTOCOL = 'yjs'

/**
 * Prefix of a second subprotocol that carries the access token; the gateway never echoes it.
 *
 * @example
 * ```ts
 * const protocols = [SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${accessToken}`]
 * show(protocols) // for `new WebSocket(url, protocols)`
 * ```
 */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.'
