import {
  MAX_CONNECTIONS_PER_BOARD,
  MAX_CONNECTIONS_PER_USER,
  type PresenceUser,
} from '@mindfuse/protocol'
import { Refusal } from '../admission/refusal.ts'
import type { Connection } from './connection.ts'

/** Most connections of one gateway. */
const MAX_CONNECTIONS = 50_000

/** How often tokens are looked at for their end, milliseconds. */
const EXPIRY_INTERVAL_MS = 1_000

/** All connections of this gateway. Their numbers are those of live sockets, never counters. */
export class Connections {
  readonly #all = new Set<Connection>()
  readonly #byBoard = new Map<string, Set<Connection>>()
  readonly #byUser = new Map<string, Set<Connection>>()
  readonly #timer = setInterval(() => this.#checkExpiry(), EXPIRY_INTERVAL_MS)

  get size(): number {
    return this.#all.size
  }

  get all(): Iterable<Connection> {
    return this.#all
  }

  onBoard(boardId: string): Iterable<Connection> {
    return this.#byBoard.get(boardId) ?? []
  }

  /** @throws Refusal 429 or 503 where one more would be too many */
  requireRoom(boardId: string, user: PresenceUser): void {
    if (this.#all.size >= MAX_CONNECTIONS) {
      throw new Refusal(503, 'gateway_full', 'This gateway holds as many connections as it can')
    }
    if ((this.#byUser.get(user.id)?.size ?? 0) >= MAX_CONNECTIONS_PER_USER) {
      throw new Refusal(
        429,
        'too_many_connections',
        `One person may have ${MAX_CONNECTIONS_PER_USER} connections`,
      )
    }
    if ((this.#byBoard.get(boardId)?.size ?? 0) >= MAX_CONNECTIONS_PER_BOARD) {
      throw new Refusal(
        429,
        'board_crowded',
        `One board may have ${MAX_CONNECTIONS_PER_BOARD} connections`,
      )
    }
  }

  add(connection: Connection): void {
    this.#all.add(connection)
    addTo(this.#byBoard, connection.boardId, connection)
    addTo(this.#byUser, connection.userId, connection)
  }

  remove(connection: Connection): void {
    this.#all.delete(connection)
    removeFrom(this.#byBoard, connection.boardId, connection)
    removeFrom(this.#byUser, connection.userId, connection)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #checkExpiry(): void {
    const now = Date.now()
    for (const connection of this.#all) connection.checkExpiry(now)
  }
}

function addTo(index: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const set = index.get(key)
  if (set) set.add(connection)
  else index.set(key, new Set([connection]))
}

function removeFrom(
  index: Map<string, Set<Connection>>,
  key: string,
  connection: Connection,
): void {
  const set = index.get(key)
  set?.delete(connection)
  if (set?.size === 0) index.delete(key)
}
