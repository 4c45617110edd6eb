/** One connection's presence, as its gateway stores it for others. */
export interface StoredPresence {
  connectionId: string
  /** The gateway that the connection is on. */
  gatewayId: string
  /** Its state, as the gateway serialized it. */
  presence: string
}

/** How long a gateway counts as alive after its last heartbeat, milliseconds. */
export const GATEWAY_LEASE_MS = 3_000

/**
 * Who is present on which board, for gateways that open a board which others have open. What the relay
 * brings is newer; this is the initial state.
 */
export interface PresenceStore {
  /** Adds or replaces the presence of connections. */
  put(boardId: string, entries: readonly StoredPresence[]): Promise<void>
  remove(boardId: string, connectionIds: string[]): Promise<void>
  /** All connections on the board whose gateway is alive. Removes the others. */
  list(boardId: string): Promise<StoredPresence[]>
  /**
   * Keeps a gateway alive for {@link GATEWAY_LEASE_MS} more.
   * @returns whether its lease was still there; otherwise it expired, or the store lost it
   */
  renewLease(gatewayId: string): Promise<boolean>
  /** Ends the lease of a gateway that stops. */
  releaseLease(gatewayId: string): Promise<void>
  /** Which of these gateways are dead. */
  findDead(gatewayIds: string[]): Promise<string[]>
}
