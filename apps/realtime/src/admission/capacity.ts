import { MAX_CONNECTIONS_PER_BOARD, MAX_CONNECTIONS_PER_USER } from '@mindfuse/protocol'
import type { Connections } from '../connection/connections.ts'
import type { Grant } from '../connection/grant.ts'
import { Refusal } from './refusal.ts'

/** Most connections of one gateway. */
export const MAX_CONNECTIONS = 50_000

/** Checks the limits on open connections. @throws Refusal 429 or 503 where one more exceeds them */
export function requireCapacity(connections: Connections, { boardId, user }: Grant): void {
  if (connections.size >= MAX_CONNECTIONS) {
    throw new Refusal(503, 'gateway_full', 'Too many connections to this gateway; try again later')
  }
  if (connections.countOfUser(user.id) >= MAX_CONNECTIONS_PER_USER) {
    throw new Refusal(
      429,
      'too_many_connections',
      `Too many connections: you can have ${MAX_CONNECTIONS_PER_USER} at a time`,
    )
  }
  if (connections.countOnBoard(boardId) >= MAX_CONNECTIONS_PER_BOARD) {
    throw new Refusal(
      429,
      'board_crowded',
      `Too many connections to this board: it can have ${MAX_CONNECTIONS_PER_BOARD} at a time`,
    )
  }
}
