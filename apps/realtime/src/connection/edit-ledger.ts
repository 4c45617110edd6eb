/**
 * Counts a connection's edit frames for `sync:ack`. Frames are numbered from 1; `saved` is the
 * number up to which every frame, and all that was on the board when it came, is in Postgres, or
 * the frame was refused. One that skipped ahead is open until a sync step 2 is stored: that alone is
 * sure to bring everything before it too.
 */
export class EditLedger {
  #received = 0
  /** Numbers of the frames that wait to be stored, oldest first. */
  #waiting: number[] = []
  #firstGap: number | undefined

  /** A frame came in; its number. */
  receive(): number {
    return ++this.#received
  }

  /** The frame just received waits to be stored, and with it what `fillsHole` before it. */
  wait(frame: number, { fillsHole = false } = {}): void {
    this.#waiting.push(frame)
    const hole = this.#firstGap
    if (!fillsHole || hole === undefined) return
    this.#firstGap = undefined
    // What waits already is stored first, and leaves the hole open.
    this.#waiting = this.#waiting.map((waiting) => Math.min(waiting, hole))
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
