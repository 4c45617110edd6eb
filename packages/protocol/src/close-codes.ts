/**
 * WebSocket close codes. 44xx is permanent: do not reconnect unchanged. 45xx is transient: reconnect
 * with backoff. Codes below 4000 are those of RFC 6455.
 *
 * @example
 * ```ts
 * const shouldReconnect = (code: number) => code < 4400 || code >= 4500
 * show([CLOSE_CODES.TOO_SLOW, CLOSE_CODES.ACCESS_REMOVED].map(shouldReconnect)) // [true, false]
 * ```
 */
export const CLOSE_CODES = {
  /** The server failed through a fault of its own; reconnect with backoff. */
  INTERNAL_ERROR: 1011,
  /** The service restarts; reconnect after the delay of `going-away`. */
  SERVICE_RESTART: 1012,
  /** The client sent a malformed frame. */
  MALFORMED: 4400,
  /** The session ended: the user signed out, was signed out, or has to sign in again. */
  SESSION_ENDED: 4401,
  /** Access to the board was removed. */
  ACCESS_REMOVED: 4403,
  /** The board was moved to the trash or deleted. */
  BOARD_GONE: 4404,
  /** Something exceeds its limit. Gateways do not send it any longer. */
  TOO_LARGE: 4413,
  /** The access token expired; reconnect with a newer one. */
  TOKEN_EXPIRED: 4501,
  /** Edits cannot be stored; try again later. */
  STORAGE_UNAVAILABLE: 4503,
  /** The client reads more slowly than the board changes. */
  TOO_SLOW: 4508,
  /** The client exceeds its rate limit. */
  RATE_LIMITED: 4529,
} as const

/** One of {@link CLOSE_CODES}. */
export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES]
