import { CLOSE_CODES } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import type { People } from '../person/people.ts'

/** Frames that take as long are edits and requests for state, which have an allowance of their own. */
const MAX_COUNTED_MS = 1

/** What receiving a frame takes before it is handled, about, milliseconds. */
const RECEIVING_MS = 0.002

/**
 * Bounds the time that the frames of one person take, over all connections. Rates bound what a frame may
 * do; a frame that is refused, repeats what is known, or is a ping costs time all the same, and a person can
 * send hundreds of thousands a second.
 */
export class FrameTime {
  readonly #people: People
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(people: People, now = () => performance.now()) {
    this.#people = people
    this.#now = now
  }

  /** Handles a frame and counts its time; closes a connection whose person has used up theirs. */
  measure(from: Pick<Connection, 'userId' | 'close'>, handle: () => void): void {
    const startedAt = this.#now()
    const { frameTime } = this.#people.of(from.userId)
    if (frameTime.isUsedUp(startedAt)) {
      from.close(CLOSE_CODES.RATE_LIMITED, 'too many frames')
      return
    }
    handle()
    const tookMs = this.#now() - startedAt
    if (tookMs < MAX_COUNTED_MS) frameTime.charge(startedAt, tookMs + RECEIVING_MS)
  }
}
