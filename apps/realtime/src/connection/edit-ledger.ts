/**
 * Counts a connection's edit frames for `sync:ack`. Frames are numbered from 1; `saved` is the
 * number up to which every frame was refused, or is in PostgreSQL together with all that was on the
 * board when it arrived. One that skipped ahead leaves a gap until a sync step 2 is stored: only that
 * is sure to bring everything before it too.
 */
export class EditLedger {
  #received = 0
  /** Numbers of the frames that are not stored yet, oldest first. */
  #pending: number[] = []
  #firstGap: number | undefined

  /** Counts a received frame. @returns its number */
  receive(): number {
    return ++this.#received
  }

  /** The frame just received is to be stored; one that `closesGap` stands for those before it too. */
  addPending(frame: number, { closesGap = false } = {}): void {
    this.#pending.push(frame)
    const gap = this.#firstGap
    if (!closesGap || gap === undefined) return
    this.#firstGap = undefined
    // Frames that are pending already are stored first, and leave the gap open.
    this.#pending = this.#pending.map((pending) => Math.min(pending, gap))
  }

  /** The frame just received skipped ahead and was not applied. */
  skipAhead(frame: number): void {
    this.#firstGap ??= frame
  }

  /** The oldest `count` pending frames are stored. */
  store(count: number): void {
    this.#pending.splice(0, count)
  }

  /** The content of `sync:ack`. */
  get position(): { received: number; saved: number } {
    const open = Math.min(
      this.#pending[0] ?? Number.POSITIVE_INFINITY,
      this.#firstGap ?? Number.POSITIVE_INFINITY,
    )
    return { received: this.#received, saved: Math.min(this.#received, open - 1) }
  }
}
