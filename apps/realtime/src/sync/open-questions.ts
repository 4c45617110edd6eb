/** For how long a question counts as open when no answer comes, milliseconds. */
const PATIENCE_MS = 5_000

/**
 * Whom the gateway asked for what an update of theirs skipped. Whatever somebody sends before their
 * answer is in the answer too, so that one question at a time is enough, however many updates skip.
 */
export class OpenQuestions<Asked extends object> {
  readonly #askedAt = new WeakMap<Asked, number>()
  readonly #now: () => number

  /** `now` is in milliseconds, for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Opens a question. @returns whether none was open, so that it has to be asked */
  open(asked: Asked): boolean {
    const before = this.#askedAt.get(asked)
    if (before !== undefined && this.#now() - before < PATIENCE_MS) return false
    this.#askedAt.set(asked, this.#now())
    return true
  }

  /** An answer came. */
  answered(asked: Asked): void {
    this.#askedAt.delete(asked)
  }
}
