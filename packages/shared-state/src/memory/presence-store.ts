import { GATEWAY_LEASE_MS, type PresenceStore, type StoredPresence } from '../presence-store.ts'

/** Presence of the gateways of a single process. `now` is in milliseconds, for tests. */
export function createMemoryPresenceStore(
  now: () => number = () => performance.now(),
): PresenceStore {
  const boards = new Map<string, Map<string, StoredPresence>>()
  const leases = new Map<string, number>()
  const isAlive = (gatewayId: string) => (leases.get(gatewayId) ?? 0) > now()

  const remove = async (boardId: string, connectionIds: string[]) => {
    const board = boards.get(boardId)
    if (!board) return
    for (const connectionId of connectionIds) board.delete(connectionId)
    if (board.size === 0) boards.delete(boardId)
  }

  return {
    remove,

    async put(boardId, entries) {
      const board = boards.get(boardId) ?? new Map<string, StoredPresence>()
      for (const entry of entries) board.set(entry.connectionId, entry)
      if (board.size > 0) boards.set(boardId, board)
    },

    async list(boardId) {
      const entries = [...(boards.get(boardId)?.values() ?? [])]
      const ghosts = entries.filter(({ gatewayId }) => !isAlive(gatewayId))
      await remove(
        boardId,
        ghosts.map(({ connectionId }) => connectionId),
      )
      return entries.filter(({ gatewayId }) => isAlive(gatewayId))
    },

    async renewLease(gatewayId) {
      const wasHeld = isAlive(gatewayId)
      leases.set(gatewayId, now() + GATEWAY_LEASE_MS)
      return wasHeld
    },

    async releaseLease(gatewayId) {
      leases.delete(gatewayId)
    },

    async findDead(gatewayIds) {
      return gatewayIds.filter((gatewayId) => !isAlive(gatewayId))
    },
  }
}
