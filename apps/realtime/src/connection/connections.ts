import type { Connection } from './connection.ts'

/**
 * All connections of this gateway. Most users have one, so theirs are counted and not kept a third
 * time; the counts change with the set of all and never without it.
 */
export class Connections {
  readonly #all = new Set<Connection>()
  readonly #byBoard = new Map<string, Set<Connection>>()
  readonly #countByUser = new Map<string, number>()

  get size(): number {
    return this.#all.size
  }

  get all(): Iterable<Connection> {
    return this.#all
  }

  onBoard(boardId: string): Iterable<Connection> {
    return this.#byBoard.get(boardId) ?? []
  }

  countOnBoard(boardId: string): number {
    return this.#byBoard.get(boardId)?.size ?? 0
  }

  countOfUser(userId: string): number {
    return this.#countByUser.get(userId) ?? 0
  }

  add(connection: Connection): void {
    if (this.#all.has(connection)) return
    this.#all.add(connection)
    const { boardId, userId } = connection
    const onBoard = this.#byBoard.get(boardId)
    if (onBoard) onBoard.add(connection)
    else this.#byBoard.set(boardId, new Set([connection]))
    this.#countByUser.set(userId, this.countOfUser(userId) + 1)
  }

  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const { boardId, userId } = connection
    const onBoard = this.#byBoard.get(boardId)
    onBoard?.delete(connection)
    if (onBoard?.size === 0) this.#byBoard.delete(boardId)
    const left = this.countOfUser(userId) - 1
    if (left > 0) this.#countByUser.set(userId, left)
    else this.#countByUser.delete(userId)
  }
}
