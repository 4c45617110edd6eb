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

/**
 * All connections of this gateway. A person has one as a rule, so theirs are counted and not kept
 * again; the count changes with the set of all and never without it.
 */
export class Connections {
  readonly #all = new Set<Connection>()
  readonly #byBoard = new Map<string, Set<Connection>>()
  readonly #countByUser = new Map<string, number>()
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
    if ((this.#countByUser.get(user.id) ?? 0) >= MAX_CONNECTIONS_PER_USER) {
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
    if (this.#all.has(connection)) return
    this.#all.add(connection)
    const { boardId, userId } = connection
    const onBoard = this.#byBoard.get(boardId)
    if (onBoard) onBoard.add(connection)
    else this.#byBoard.set(boardId, new Set([connection]))
    this.#countByUser.set(userId, (this.#countByUser.get(userId) ?? 0) + 1)
  }

  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const { boardId, userId } = connection
    const onBoard = this.#byBoard.get(boardId)
    onBoard?.delete(connection)
    if (onBoard?.size === 0) this.#byBoard.delete(boardId)
    const left = (this.#countByUser.get(userId) ?? 1) - 1
    if (left > 0) this.#countByUser.set(userId, left)
    else this.#countByUser.delete(userId)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #checkExpiry(): void {
    const now = Date.now()
    for (const connection of this.#all) connection.checkExpiry(now)
  }
}
