import { MAX_UNREAD_DOCUMENT_BYTES } from '@mindfuse/protocol'
import type { People } from '../person/people.ts'
import { isShareUsedUp } from '../person/share.ts'
import type { Connection } from './connection.ts'

/**
 * Frames that hold less for themselves are not counted: a connection has one answer at a time, and a
 * person 100 connections.
 */
const MIN_COUNTED_BYTES = 64 * 1024

/** Most connections of one person whose answers wait: each keeps its state vector. */
const MAX_WAITING_PER_PERSON = 10

/**
 * Counts the memory of answers to sync step 1 that their readers have not taken yet, of each person and
 * of all. Once a person has their share, or all is used up, further answers are not built before
 * others are read.
 */
export class UnreadDocuments {
  readonly #people: People
  #bytes = 0
  /** The newest answer of each connection that waits, the longest waiting first. */
  #waiting = new Map<Connection, () => void>()
  #isScheduled = false

  constructor(people: People) {
    this.#people = people
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
    const used = this.#people.find(userId)?.unreadDocumentBytes ?? 0
    const budget = { total: this.#bytes, most: MAX_UNREAD_DOCUMENT_BYTES }
    return this.#bytes < MAX_UNREAD_DOCUMENT_BYTES && !isShareUsedUp({ used, ...budget })
  }

  /** Has an answer built once there is room. @returns whether it may wait */
  wait(connection: Connection, answer: () => void): boolean {
    const { userId } = connection
    if (!this.#waiting.has(connection)) {
      let waiting = 0
      for (const other of this.#waiting.keys()) if (other.userId === userId) waiting++
      if (waiting >= MAX_WAITING_PER_PERSON) return false
    }
    this.#waiting.set(connection, answer)
    return true
  }

  /** A connection has ended. */
  forget(connection: Connection): void {
    this.#waiting.delete(connection)
  }

  /** Counts a frame's own bytes until it is sent. @returns how to release them, where they count */
  hold(userId: string, ownBytes: number): (() => void) | undefined {
    if (ownBytes < MIN_COUNTED_BYTES) return undefined
    this.#add(userId, ownBytes)
    return () => {
      this.#add(userId, -ownBytes)
      this.#schedule()
    }
  }

  #add(userId: string, bytes: number): void {
    const person = this.#people.of(userId)
    person.unreadDocumentBytes += bytes
    this.#bytes += bytes
    this.#people.forgetIfIdle(person)
  }

  /** One answer in a turn of the event loop: building one may take tens of milliseconds. */
  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      for (const [connection, answer] of this.#waiting) {
        if (!this.hasRoomFor(connection.userId)) continue
        this.#waiting.delete(connection)
        answer()
        this.#schedule()
        return
      }
    })
  }
}
