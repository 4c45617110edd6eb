/** Boards that are restored at a time: each is read as a whole, and what it lacked is stored. */
const MAX_RESTORATIONS = 4

/** A board that waits for its turn. */
interface Waiting {
  people: ReadonlySet<unknown>
  start: () => void
}

/** Restores boards after the database went back: a few at a time, those with most people first. */
export class Restorations {
  #running = 0
  readonly #waiting = new Set<Waiting>()

  /** @param people who is on the board */
  async run<Result>(people: Waiting['people'], restore: () => Promise<Result>): Promise<Result> {
    if (this.#running < MAX_RESTORATIONS) this.#running++
    else await new Promise<void>((start) => this.#waiting.add({ people, start }))
    try {
      return await restore()
    } finally {
      this.#startNext()
    }
  }

  /** The next takes the place. */
  #startNext(): void {
    let next: Waiting | undefined
    for (const it of this.#waiting) if (!next || it.people.size > next.people.size) next = it
    if (next) this.#waiting.delete(next)
    else this.#running--
    next?.start()
  }
}
