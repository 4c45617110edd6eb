import { totalmem } from 'node:os'
import { constrainedMemory } from 'node:process'
import { MAX_OPEN_BOARD_BYTES_PER_USER } from '@mindfuse/protocol'
import { isShareUsedUp } from '@mindfuse/service-kit'
import type { People } from './people.ts'
import type { Person } from './person.ts'

/** Boards that one person opens and whose size is not known yet; the next waits until one is loaded. */
const MAX_LOADS_PER_PERSON = 2

/** Whether another board may be opened for a person, or what is used up. */
export type BoardRoom = 'free' | 'person_full' | 'gateway_full'

/** Half of what the process may use, bytes: the rest is for connections, edits and the garbage collector. */
export function defaultBoardBytes(): number {
  return Math.min(constrainedMemory() || totalmem(), totalmem()) / 2
}

/** A board that is charged to a person. */
interface Charge {
  person: Person
  bytes: number
}

/**
 * Counts the bytes of the open boards, each for one of the people on it. Once a person has their share,
 * or all is used up, no further board is opened for them; boards that are open stay open.
 */
export class BoardMemory<Board extends object> {
  readonly #people: People
  readonly #maxBytes: number
  readonly #charges = new Map<Board, Charge>()
  readonly #loading = new Map<string, number>()
  #waiting: { userId: string; start: () => void }[] = []
  #bytes = 0

  constructor({ people, maxBytes = defaultBoardBytes() }: { people: People; maxBytes?: number }) {
    this.#people = people
    this.#maxBytes = maxBytes
  }

  /** The bytes of all open boards. */
  get bytes(): number {
    return this.#bytes
  }

  get maxBytes(): number {
    return this.#maxBytes
  }

  /** Whether another board may be opened for a person. */
  roomFor(userId: string): BoardRoom {
    if (this.#bytes >= this.#maxBytes) return 'gateway_full'
    const used = this.#people.find(userId)?.boardBytes ?? 0
    const budget = { used, total: this.#bytes, most: this.#maxBytes }
    const isFull = used >= MAX_OPEN_BOARD_BYTES_PER_USER || isShareUsedUp(budget)
    return isFull ? 'person_full' : 'free'
  }

  /** A board is open: counts its bytes as they are now, for a person on it. */
  charge(board: Board, userId: string, bytes: number): void {
    const known = this.#charges.get(board)
    if (known?.person.userId === userId) {
      this.#add(known.person, bytes - known.bytes)
      known.bytes = bytes
      return
    }
    this.release(board)
    const person = this.#people.of(userId)
    this.#charges.set(board, { person, bytes })
    this.#add(person, bytes)
  }

  /** The person whom an open board is counted for. */
  payerOf(board: Board): string | undefined {
    return this.#charges.get(board)?.person.userId
  }

  /** A board was closed. */
  release(board: Board): void {
    const known = this.#charges.get(board)
    if (!known) return
    this.#charges.delete(board)
    this.#add(known.person, -known.bytes)
    this.#people.forgetIfIdle(known.person)
  }

  /** Runs a load once the person has fewer than two others under way. */
  async load<Result>(userId: string, load: () => Promise<Result>): Promise<Result> {
    if (this.#loadsOf(userId) >= MAX_LOADS_PER_PERSON) {
      await new Promise<void>((start) => this.#waiting.push({ userId, start }))
    } else {
      this.#loading.set(userId, this.#loadsOf(userId) + 1)
    }
    try {
      return await load()
    } finally {
      this.#endLoad(userId)
    }
  }

  #loadsOf(userId: string): number {
    return this.#loading.get(userId) ?? 0
  }

  /** The next takes the place. */
  #endLoad(userId: string): void {
    const next = this.#waiting.findIndex((it) => it.userId === userId)
    if (next >= 0) {
      for (const { start } of this.#waiting.splice(next, 1)) start()
      return
    }
    const left = this.#loadsOf(userId) - 1
    if (left > 0) this.#loading.set(userId, left)
    else this.#loading.delete(userId)
  }

  #add(person: Person, bytes: number): void {
    person.boardBytes += bytes
    this.#bytes += bytes
  }
}
