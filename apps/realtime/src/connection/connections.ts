import { MAX_LARGE_CONNECTIONS_PER_USER } from '@mindfuse/protocol'
import { People } from '../person/people.ts'
import type { Person } from '../person/person.ts'
import type { Connection } from './connection.ts'

/**
 * All connections of this gateway. Most people have one, so theirs are counted and not kept a third
 * time; the counts change with the set of all and never without it.
 */
export class Connections {
  readonly #people: People
  readonly #all = new Set<Connection>()
  readonly #byBoard = new Map<string, Set<Connection>>()
  #channels = 0

  constructor(people = new People()) {
    this.#people = people
  }

  get size(): number {
    return this.#all.size
  }

  /** How many have a socket of their own. */
  get sockets(): number {
    return this.#all.size - this.#channels
  }

  /** How many are of channels, on the sockets of others. */
  get channels(): number {
    return this.#channels
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

  /** Whether another connection of a person may take edits of any size. */
  mayBeLarge(userId: string): boolean {
    const count = this.#people.find(userId)?.largeConnections ?? 0
    return count < MAX_LARGE_CONNECTIONS_PER_USER
  }

  countOfUser(userId: string): number {
    return this.#people.find(userId)?.connections ?? 0
  }

  channelsOfUser(userId: string): number {
    return this.#people.find(userId)?.channels ?? 0
  }

  add(connection: Connection): void {
    if (this.#all.has(connection)) return
    this.#all.add(connection)
    const { boardId, userId } = connection
    const onBoard = this.#byBoard.get(boardId)
    if (onBoard) onBoard.add(connection)
    else this.#byBoard.set(boardId, new Set([connection]))
    this.#count(connection, this.#people.of(userId), 1)
  }

  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    const { boardId, userId } = connection
    const onBoard = this.#byBoard.get(boardId)
    onBoard?.delete(connection)
    if (onBoard?.size === 0) this.#byBoard.delete(boardId)
    const person = this.#people.of(userId)
    this.#count(connection, person, -1)
    this.#people.forgetIfIdle(person)
  }

  #count({ topic, isLarge }: Connection, person: Person, change: 1 | -1): void {
    if (topic === undefined) {
      person.connections += change
      if (isLarge) person.largeConnections += change
    } else {
      person.channels += change
      this.#channels += change
    }
  }
}
