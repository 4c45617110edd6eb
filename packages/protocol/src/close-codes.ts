/**
 * WebSocket close codes. 44xx is permanent: do not come back unchanged. 45xx is transient: come
 * back with backoff. The codes below 4000 are RFC 6455's.
 */
export const CLOSE_CODES = {
  /** The server failed at something that is its own fault; come back with backoff. */
  INTERNAL_ERROR: 1011,
  /** The service restarts; come back after the delay that `going-away` named. */
  SERVICE_RESTART: 1012,
  /** A frame that is no frame of this protocol. */
  MALFORMED: 4400,
  /** The access token ended or was withdrawn. */
  TOKEN_EXPIRED: 4401,
  /** Access to the board was removed. */
  ACCESS_REMOVED: 4403,
  /** The board was moved to the trash or deleted. */
  BOARD_GONE: 4404,
  /** A frame or the board is larger than its limit. */
  TOO_LARGE: 4413,
  /** Edits cannot be stored at the moment. */
  STORAGE_UNAVAILABLE: 4503,
  /** The client reads more slowly than the board moves. */
  TOO_SLOW: 4508,
  /** More frames than the rate allows. */
  RATE_LIMITED: 4529,
} as const

/** One of {@link CLOSE_CODES}. */
export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES]
