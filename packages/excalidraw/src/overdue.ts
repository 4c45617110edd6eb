/** Notices that something has been under way for long. */
export class Overdue {
  readonly #afterMs: number
  readonly #act: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param act called when it has been under way for so long, and again after as long if it goes on */
  constructor(afterMs: number, act: () => void) {
    this.#afterMs = afterMs
    this.#act = act
  }

  /** Whether it is under way now: to be called as it goes on. */
  note(isUnderWay: boolean): void {
    if (!isUnderWay) this.close()
    else this.#timer ??= setTimeout(() => this.#fire(), this.#afterMs)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #fire(): void {
    this.#timer = undefined
    this.#act()
  }
}
