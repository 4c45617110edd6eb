/** Notifies listeners of a change. */
export class Changes {
  readonly #listeners = new Set<() => void>()

  /** @returns a function that unsubscribes */
  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
