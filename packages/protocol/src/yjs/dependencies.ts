import type { StructLinks } from './struct-links.ts'

const NONE: ReadonlyMap<number, number> = new Map()

/** Collects the references of an update to structs of other clients: the highest clock of each. */
export class Dependencies {
  #clocks: Map<number, number> | undefined
  // Neighbours in a document mostly refer to the same client.
  #lastClient = -1
  #lastClock = -1

  /** Adds the references of a struct of `client`. */
  add(client: number, links: StructLinks): void {
    const { originClient, rightClient, parentClient } = links
    if (originClient >= 0 && originClient !== client) this.#refer(originClient, links.originClock)
    if (rightClient >= 0 && rightClient !== client) this.#refer(rightClient, links.rightClock)
    if (parentClient >= 0 && parentClient !== client) this.#refer(parentClient, links.parentClock)
  }

  #refer(client: number, clock: number): void {
    if (client === this.#lastClient && clock <= this.#lastClock) return
    this.#clocks ??= new Map()
    const known = this.#clocks.get(client) ?? -1
    if (clock > known) this.#clocks.set(client, clock)
    this.#lastClient = client
    this.#lastClock = Math.max(clock, known)
  }

  get clocks(): ReadonlyMap<number, number> {
    return this.#clocks ?? NONE
  }
}
