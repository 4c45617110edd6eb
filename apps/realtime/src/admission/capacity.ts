import { LOBBY } from '@mindfuse/internal'
import {
  MAX_CHANNELS_PER_USER,
  MAX_CONNECTIONS_PER_BOARD,
  MAX_CONNECTIONS_PER_USER,
} from '@mindfuse/protocol'
import type { Connections } from '../connection/connections.ts'
import type { Grant } from '../connection/grant.ts'
import type { BoardRoom } from '../person/board-memory.ts'
import { Refusal } from './refusal.ts'

/** Most connections of one gateway. */
export const MAX_CONNECTIONS = 50_000

/** Whether a board may be opened for a person; one that is open already always may. */
export type RoomCheck = (boardId: string, userId: string) => BoardRoom

/** What the limits are checked with. */
export interface Capacity {
  connections: Connections
  /** Most connections of this gateway, channels included; {@link MAX_CONNECTIONS} by default. */
  maxConnections?: number | undefined
  roomFor: RoomCheck
}

/** Checks the limits on open connections. @throws Refusal 429 or 503 where one more exceeds them */
export function requireCapacity(capacity: Capacity, { boardId, user }: Grant): void {
  const { connections, roomFor } = capacity
  requireGatewayRoom(capacity)
  if (connections.countOfUser(user.id) >= MAX_CONNECTIONS_PER_USER) {
    throw new Refusal(
      429,
      'too_many_connections',
      `Too many connections: you can have ${MAX_CONNECTIONS_PER_USER} at a time`,
    )
  }
  if (boardId === LOBBY) return
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

/** The same for one more channel on an open connection. @throws Refusal */
export function requireChannelCapacity(capacity: Capacity, { boardId, user }: Grant): void {
  const { connections } = capacity
  requireGatewayRoom(capacity)
  if (connections.channelsOfUser(user.id) >= MAX_CHANNELS_PER_USER) {
    const detail = `Too many channels: you can have ${MAX_CHANNELS_PER_USER} at a time`
    throw new Refusal(429, 'too_many_channels', detail)
  }
  if (connections.countOnBoard(boardId) >= MAX_CONNECTIONS_PER_BOARD) {
    const detail = `Too many members: a channel can have ${MAX_CONNECTIONS_PER_BOARD} at a time`
    throw new Refusal(429, 'channel_crowded', detail)
  }
}

function requireGatewayRoom({ connections, maxConnections = MAX_CONNECTIONS }: Capacity): void {
  if (connections.size < maxConnections) return
  throw new Refusal(503, 'gateway_full', 'Too many connections to this gateway; try again later')
}
