/** The subprotocol that adds text frames to the binary frames of Yjs. */
export const SUBPROTOCOL = 'whiteboard.v1'

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
