/** A board is merged for at most one part in so many of the time. */
const MERGE_TIME_SHARE = 5

/** Minimum pause before the next merge of a board, milliseconds. */
const MIN_PAUSE_MS = 2_000

/** Pause after the first merge that failed, doubled by each, and the longest, milliseconds. */
const RETRY_PAUSE_MS = 2_000
const MAX_RETRY_PAUSE_MS = 5 * 60_000

/** How long a board that cannot be merged is not tried again, milliseconds. */
const GIVE_UP_MS = 10 * 60_000

/** When an open board may be merged: however much is drawn on it, it takes a bounded share of the API. */
export class MergePace {
  #notBefore = 0
  #failures = 0
  #hopelessUntil = 0

  /** Whether the board cannot be merged, so that nobody should wait for it. */
  get isHopeless(): boolean {
    return performance.now() < this.#hopelessUntil
  }

  /** Whether a merge may begin. */
  get isDue(): boolean {
    return !this.isHopeless && performance.now() >= this.#notBefore
  }

  /** @param tookMs time of the merge, and of loading its result */
  succeeded(tookMs: number): void {
    this.#failures = 0
    this.#notBefore = performance.now() + Math.max(MIN_PAUSE_MS, (MERGE_TIME_SHARE - 1) * tookMs)
  }

  failed(): void {
    const pause = RETRY_PAUSE_MS * 2 ** this.#failures
    this.#notBefore = performance.now() + Math.min(MAX_RETRY_PAUSE_MS, pause)
    this.#failures++
  }

  /** Another process is merging it, or has postponed it. */
  isElsewhere(): void {
    this.#notBefore = performance.now() + RETRY_PAUSE_MS
  }

  giveUp(): void {
    this.#hopelessUntil = performance.now() + GIVE_UP_MS
  }
}
