/** The subprotocol that adds text frames to the Yjs frames. */
export const SUBPROTOCOL = 'whiteboard.v1'

/** A second subprotocol that starts with this carries the access token and is never echoed. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.'
