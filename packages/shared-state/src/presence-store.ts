/** One connection's presence, as its gateway keeps it for others to find. */
export interface StoredPresence {
  connectionId: string
  /** The gateway that the connection is on. */
  gatewayId: string
  /** What it shows, as the gateway serialized it. */
  presence: string
}

/** How long a gateway counts as alive after its last sign of life, milliseconds. */
export const GATEWAY_LEASE_MS = 3_000

/**
 * Who is present on which board, for gateways that open a board others have open already. What is
 * heard over the relay is newer; this is where a newcomer starts from.
 */
export interface PresenceStore {
  /** Adds or replaces the presence of connections. */
  put(boardId: string, entries: readonly StoredPresence[]): Promise<void>
  remove(boardId: string, connectionIds: string[]): Promise<void>
  /** Everybody on the board whose gateway is alive. Others are cleared away in passing. */
  list(boardId: string): Promise<StoredPresence[]>
  /**
   * Keeps a gateway alive for {@link GATEWAY_LEASE_MS} more.
   * @returns whether its lease was still there; otherwise it expired, or the store lost it
   */
  renewLease(gatewayId: string): Promise<boolean>
  /** Ends a gateway's lease: it goes in order. */
  releaseLease(gatewayId: string): Promise<void>
  /** Which of these gateways are dead. */
  findDead(gatewayIds: string[]): Promise<string[]>
}
