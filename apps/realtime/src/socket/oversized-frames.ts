/** How long a person is not asked for what a board lacks after a frame over the limit, at first and at most. */
const MIN_PAUSE_MS = 60_000
const MAX_PAUSE_MS = 30 * 60_000

/** Most people and boards that are remembered. */
const MAX_REMEMBERED = 10_000

/** What uWebSockets.js passes to the close handler, in both builds. */
const TOO_BIG = 'Received too big message'

/** Whether a socket was ended because of a frame over the limit. */
export function isOversized(code: number, message: ArrayBuffer): boolean {
  return code === 1006 && Buffer.from(message).toString('latin1').startsWith(TOO_BIG)
}

/**
 * Who sent a frame over the limit to which board. uWebSockets.js ends the socket without a close code, so
 * the client reconnects; asked for what the board lacks, it would send the same frame for ever.
 */
export class OversizedFrames {
  readonly #pauses = new Map<string, { until: number; ms: number }>()
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** A frame over the limit ended a connection. */
  add({ userId, boardId }: { userId: string; boardId: string }): void {
    const key = `${userId} ${boardId}`
    const now = this.#now()
    const last = this.#pauses.get(key)
    const isRepeated = last !== undefined && now < last.until + last.ms
    const ms = isRepeated ? Math.min(2 * last.ms, MAX_PAUSE_MS) : MIN_PAUSE_MS
    this.#pauses.delete(key)
    this.#pauses.set(key, { until: now + ms, ms })
    if (this.#pauses.size <= MAX_REMEMBERED) return
    for (const oldest of this.#pauses.keys()) {
      this.#pauses.delete(oldest)
      break
    }
  }

  /** How long a person is not to be asked for what a board lacks, milliseconds; 0 if they may be. */
  pauseMsOf({ userId, boardId }: { userId: string; boardId: string }): number {
    const pause = this.#pauses.get(`${userId} ${boardId}`)
    return pause ? Math.max(0, pause.until - this.#now()) : 0
  }
}
