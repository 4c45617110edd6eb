import { MAX_CONNECTIONS_PER_BOARD, MAX_CONNECTIONS_PER_USER } from '@mindfuse/protocol'
import type { Connections } from '../connection/connections.ts'
import type { Grant } from '../connection/grant.ts'
import type { BoardRoom } from '../person/board-memory.ts'
import { Refusal } from './refusal.ts'

/** Most connections of one gateway. */
export const MAX_CONNECTIONS = 50_000

/** Whether a board may be opened for a person; one that is open already always may. */
export type RoomCheck = (boardId: string, userId: string) => BoardRoom

/** Checks the limits on open connections. @throws Refusal 429 or 503 where one more exceeds them */
export function requireCapacity(
  {
    connections,
    maxConnections = MAX_CONNECTIONS,
    roomFor,
  }: { connections: Connections; maxConnections?: number | undefined; roomFor: RoomCheck },
  { boardId, user }: Grant,
): void {
  if (connections.size >= maxConnections) {
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
  const room = roomFor(boardId, user.id)
  if (room === 'gateway_full') {
    throw new Refusal(503, 'boards_full', 'Too much is open on this gateway; try again later')
  }
  if (room === 'person_full') {
    throw new Refusal(429, 'too_much_open', 'You have too much open; close a board and try again')
  }
}
