/** Something that collects changes and sends them together. */
export interface Flushable {
  flush(): void
}

/** Flushes everything that was marked, together, a moment after the first mark. One timer for all. */
export class FlushWindow {
  readonly #ms: number
  #marked = new Set<Flushable>()
  #timer: NodeJS.Timeout | undefined

  /** @param ms length of the window, milliseconds */
  constructor(ms: number) {
    this.#ms = ms
  }

  mark(item: Flushable): void {
    this.#marked.add(item)
    this.#timer ??= setTimeout(() => this.flush(), this.#ms)
  }

  /** Flushes now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const marked = this.#marked
    this.#marked = new Set()
    for (const item of marked) item.flush()
  }
}
