/** Largest awareness frame, bytes. */
export const MAX_AWARENESS_BYTES = 4 * 1024

/** Largest edit (a sync update frame), bytes. */
export const MAX_UPDATE_BYTES = 1024 * 1024

/** Largest sync step 2, bytes: what a client brings after it worked offline. */
export const MAX_SYNC_STEP_2_BYTES = 16 * 1024 * 1024

/** Largest body of `POST /internal/updates`, bytes. One sync step 2 and its framing must fit. */
export const MAX_UPDATE_BATCH_BYTES = 32 * 1024 * 1024

/** Most awareness clientIDs one connection may introduce (a stock client uses one). */
export const MAX_AWARENESS_CLIENTS = 8
