/** Listeners by event; `Events` maps each event to the arguments of its listeners. */
export class Emitter<Events extends { [Name in keyof Events]: unknown[] }> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never) => void>>()

  /** Calls `listener` at each `event`. @returns a function that removes the listener */
  on<Name extends keyof Events>(
    event: Name,
    listener: (...args: Events[Name]) => void,
  ): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  /** Calls `listener` no longer. */
  off<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): void {
    this.#listeners.get(event)?.delete(listener)
  }

  /**
   * Calls the listeners. An error in one does not keep the others from being called: it is rethrown as
   * an uncaught error of the application.
   */
  emit<Name extends keyof Events>(event: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        ;(listener as (...args: Events[Name]) => void)(...args)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
