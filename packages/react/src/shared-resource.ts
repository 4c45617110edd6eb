/** How long it stays open after its last holder, milliseconds: StrictMode and remounts return within that. */
const LINGER_MS = 1_000

/**
 * Something that is opened for its first holder, and closed a little after its last one: a connection
 * that any number of components use. `hold` and `get` are what `useSyncExternalStore` takes.
 */
export class SharedResource<T> {
  readonly #open: () => T
  readonly #close: (value: T) => void
  readonly #holders = new Set<() => void>()
  #value: T | undefined
  #closing: ReturnType<typeof setTimeout> | undefined

  constructor(open: () => T, close: (value: T) => void) {
    this.#open = open
    this.#close = close
  }

  /** What is open. */
  readonly get = (): T | undefined => this.#value

  /** Opens it, unless it is open. @returns a function that releases it */
  readonly hold = (onOpened: () => void): (() => void) => {
    clearTimeout(this.#closing)
    const isOpen = this.#value !== undefined
    this.#value ??= this.#open()
    this.#holders.add(onOpened)
    if (!isOpen) for (const notify of [...this.#holders]) notify()
    return () => {
      this.#holders.delete(onOpened)
      if (this.#holders.size === 0) this.#closing = setTimeout(() => this.#end(), LINGER_MS)
    }
  }

  #end(): void {
    const value = this.#value
    this.#value = undefined
    if (value !== undefined) this.#close(value)
  }
}
