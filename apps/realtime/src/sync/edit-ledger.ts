/**
 * Counts a connection's edit frames for `sync:ack`. Frames are numbered from 1; `saved` is the
 * number up to which every frame is in Postgres, or needs not be. A frame that skipped ahead is
 * open until a later one that fills the hole is stored.
 */
export class EditLedger {
  #received = 0
  /** Numbers of the frames that wait to be stored, oldest first. */
  readonly #waiting: number[] = []
  #firstGap: number | undefined

  /** A frame came in; its number. */
  receive(): number {
    return ++this.#received
  }

  /** The frame just received waits to be stored. It stands for a hole before it, too. */
  wait(frame: number): void {
    this.#waiting.push(this.#firstGap ?? frame)
    this.#firstGap = undefined
  }

  /** The frame just received skipped ahead and was not taken in. */
  skipAhead(frame: number): void {
    this.#firstGap ??= frame
  }

  /** The oldest `count` waiting frames are stored. */
  store(count: number): void {
    this.#waiting.splice(0, count)
  }

  /** What `sync:ack` says. */
  get position(): { received: number; saved: number } {
    const open = Math.min(
      this.#waiting[0] ?? Number.POSITIVE_INFINITY,
      this.#firstGap ?? Number.POSITIVE_INFINITY,
    )
    return { received: this.#received, saved: Math.min(this.#received, open - 1) }
  }
}
