import { MAX_BACKLOG_BYTES } from '@mindfuse/protocol'
import { isShareUsedUp } from '@mindfuse/service-kit'
import type { People } from '../person/people.ts'

/** For how long uWebSockets.js keeps what is buffered for a reader that was closed, at most, milliseconds. */
const KEPT_AFTER_CLOSE_MS = 16_000

/**
 * Counts what the connections of each person, and of all, have not read yet, other than documents: each may
 * be megabytes behind, and a person has a hundred.
 */
export class Backlog {
  readonly #people: People
  #bytes = 0

  constructor(people: People) {
    this.#people = people
  }

  /** What all connections that are behind have not read, bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether so much of it is one person's that their connections that are behind have to go. */
  isShareUsedUp(userId: string): boolean {
    const used = this.#people.find(userId)?.backlogBytes ?? 0
    return isShareUsedUp({ used, total: this.#bytes, most: MAX_BACKLOG_BYTES })
  }

  /** A connection of a person is so much further behind; negative where it caught up. */
  add(userId: string, bytes: number): void {
    const person = this.#people.of(userId)
    person.backlogBytes += bytes
    this.#bytes += bytes
    this.#people.forgetIfIdle(person)
  }

  /** A connection that was closed was so far behind, which stays in memory for a while. */
  releaseLater(userId: string, bytes: number): void {
    setTimeout(() => this.add(userId, -bytes), KEPT_AFTER_CLOSE_MS).unref()
  }
}
