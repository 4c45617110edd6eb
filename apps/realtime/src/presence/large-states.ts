import {
  MAX_LARGE_AWARENESS_BYTES_PER_BOARD,
  MAX_LARGE_AWARENESS_BYTES_PER_USER,
  SMALL_AWARENESS_BYTES,
} from '@mindfuse/protocol'
import type { AwarenessOutcomes } from '../connection/traffic.ts'
import type { People } from '../person/people.ts'

/** Whose state it is, and the gateway it is on if that is another one. */
interface StateOwner {
  readonly userId: string
  readonly gatewayId?: string
}

/**
 * Counts the large states that a board keeps: whoever joins receives all of them, and gateways announce
 * them to each other every two seconds. Small ones are bounded by the number of connections.
 */
export class LargeStates {
  readonly #people: Pick<People, 'find'>
  readonly #outcomes: AwarenessOutcomes
  #bytes = 0

  /** @param outcomes counts the states that are refused */
  constructor(people: Pick<People, 'find'>, outcomes: AwarenessOutcomes) {
    this.#people = people
    this.#outcomes = outcomes
  }

  /**
   * Decides whether a state of so many bytes may take the place of one of another size, which is 0 where there was
   * none. What another gateway accepted stays accepted.
   */
  mayReplace(
    { userId, gatewayId }: StateOwner,
    { from, to }: { from: number; to: number },
  ): boolean {
    const growth = largePart(to) - largePart(from)
    if (growth <= 0 || gatewayId !== undefined) return true
    const ofPerson = this.#people.find(userId)?.largeAwarenessBytes ?? 0
    const hasRoom =
      ofPerson + growth <= MAX_LARGE_AWARENESS_BYTES_PER_USER &&
      this.#bytes + growth <= MAX_LARGE_AWARENESS_BYTES_PER_BOARD
    if (!hasRoom) this.#outcomes.dropped++
    return hasRoom
  }

  /** Counts a state of so many bytes. */
  add(owner: StateOwner, bytes: number): void {
    this.#count(owner, largePart(bytes))
  }

  /** A state of so many bytes is gone. */
  remove(owner: StateOwner, bytes: number): void {
    this.#count(owner, -largePart(bytes))
  }

  #count({ userId, gatewayId }: StateOwner, bytes: number): void {
    if (bytes === 0) return
    this.#bytes += bytes
    const person = gatewayId === undefined ? this.#people.find(userId) : undefined
    if (person) person.largeAwarenessBytes += bytes
  }
}

/** How much of a state counts: all of a large one. */
function largePart(bytes: number): number {
  return bytes > SMALL_AWARENESS_BYTES ? bytes : 0
}
