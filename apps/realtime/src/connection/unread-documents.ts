import { MAX_UNREAD_DOCUMENT_BYTES } from '@mindfuse/protocol'
import { isShareUsedUp } from '@mindfuse/service-kit'
import type { People } from '../person/people.ts'

/**
 * Frames that hold less for themselves are not counted: a connection has one answer at a time, and a
 * person 100 connections.
 */
const MIN_COUNTED_BYTES = 64 * 1024

/** How often answers that wait are looked at again, milliseconds. */
const RETRY_INTERVAL_MS = 50

/** Most connections of one person whose answers wait: each keeps its state vector. */
const MAX_WAITING_PER_PERSON = 10

/** A connection, as far as it matters here. */
interface Reader {
  readonly userId: string
}

/**
 * Counts the memory of answers to sync step 1 that their readers have not taken yet, of each person and
 * of all. Once a person has their share, or all is used up, further answers are built when others
 * are read. Neither may a person's answers take too much of the event loop's time.
 */
export class UnreadDocuments {
  readonly #people: People
  #bytes = 0
  /** The newest answer of each connection that waits, the longest waiting first. */
  #waiting = new Map<Reader, () => void>()
  #timer: NodeJS.Timeout | undefined
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(people: People, now = () => performance.now()) {
    this.#people = people
    this.#now = now
  }

  /** What is in memory for unread answers alone, bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many connections wait for their answer. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether another answer may be built for a person. */
  hasRoomFor(userId: string): boolean {
    if (this.#bytes >= MAX_UNREAD_DOCUMENT_BYTES) return false
    const person = this.#people.find(userId)
    if (!person) return true
    if (person.answerTime.isUsedUp(this.#now())) return false
    const { unreadDocumentBytes: used } = person
    return !isShareUsedUp({ used, total: this.#bytes, most: MAX_UNREAD_DOCUMENT_BYTES })
  }

  /** Builds an answer, and counts its time. */
  build<Answer>(userId: string, answer: () => Answer): Answer {
    const startedAt = this.#now()
    try {
      return answer()
    } finally {
      this.#people.of(userId).answerTime.charge(startedAt, this.#now() - startedAt)
    }
  }

  /** Has an answer built once there is room. @returns whether it may wait */
  wait(connection: Reader, answer: () => void): boolean {
    const { userId } = connection
    if (!this.#waiting.has(connection)) {
      let waiting = 0
      for (const other of this.#waiting.keys()) if (other.userId === userId) waiting++
      if (waiting >= MAX_WAITING_PER_PERSON) return false
    }
    this.#waiting.set(connection, answer)
    this.#timer ??= setTimeout(() => this.#retry(), RETRY_INTERVAL_MS)
    return true
  }

  /** A connection has ended. */
  forget(connection: Reader): void {
    this.#waiting.delete(connection)
  }

  /** Counts a frame's own bytes until it is sent. @returns how to release them, if they count */
  hold(userId: string, ownBytes: number): (() => void) | undefined {
    if (ownBytes < MIN_COUNTED_BYTES) return undefined
    this.#add(userId, ownBytes)
    return () => {
      this.#add(userId, -ownBytes)
    }
  }

  #add(userId: string, bytes: number): void {
    const person = this.#people.of(userId)
    person.unreadDocumentBytes += bytes
    this.#bytes += bytes
    this.#people.forgetIfIdle(person)
  }

  /** Builds one answer per turn of the event loop: each can take tens of milliseconds. */
  #retry(): void {
    this.#timer = undefined
    for (const [connection, answer] of this.#waiting) {
      if (!this.hasRoomFor(connection.userId)) continue
      this.#waiting.delete(connection)
      answer()
      break
    }
    if (this.#waiting.size > 0) {
      this.#timer ??= setTimeout(() => this.#retry(), RETRY_INTERVAL_MS)
    }
  }
}
