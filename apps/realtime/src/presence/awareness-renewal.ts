import {
  AWARENESS_GONE,
  encodeAwareness,
  encodeAwarenessEntry,
  encodeAwarenessUpdate,
} from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import { Allowance } from '../person/allowance.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { RELAY_KINDS } from '../relay/envelope.ts'
import type { AwarenessStates, KeptEntry } from './awareness.ts'

/** How long returns are collected, milliseconds, in which a returning client also sends its own state. */
const COLLECT_MS = 250

/** Copies of renewed states that the members of a board are sent, bytes a second and at once. */
const RENEWED_COPIES = { perSecond: 4 * 1024 * 1024, burst: 4 * 1024 * 1024 }

/** What renewing needs. */
export interface AwarenessRenewalDeps {
  /** The board's connections on this gateway. */
  members: ReadonlySet<Connection>
  states: AwarenessStates
  relay: BoardRelay
}

/** A state that is to be renewed, unless it changes before. */
interface Due {
  owner: Connection
  entry: KeptEntry
  change: number
}

/**
 * Has the clients of a board renew their states when one is back. Clients remember the clocks of those that
 * were disconnected, and of all others while they were disconnected themselves, and ignore a state whose
 * clock is not higher.
 */
export class AwarenessRenewal {
  readonly #deps: AwarenessRenewalDeps
  /** Connections that were back once; each causes one renewal. */
  readonly #returned = new Set<Connection>()
  /** Those of them that have since brought a client that was gone. */
  readonly #late = new Set<Connection>()
  /** The next one last. */
  #due: Due[] = []
  readonly #copies = new Allowance(RENEWED_COPIES)
  #isRequested = false
  /** Whether the last renewal reached no other gateway, because none was known. */
  #isUnrelayed = false
  #timer: NodeJS.Timeout | undefined

  constructor(deps: AwarenessRenewalDeps) {
    this.#deps = deps
  }

  /** A client is back that was on the board before. */
  returned(connection: Connection): void {
    if (this.#returned.has(connection)) return
    this.#returned.add(connection)
    this.#isRequested = true
    this.#continueLater()
  }

  /** A connection brings a client that was gone: perhaps after the renewal that its return caused. */
  broughtBack(connection: Connection): void {
    if (!this.#returned.has(connection)) this.returned(connection)
    else if (!this.#isRequested) {
      this.#late.add(connection)
      this.#continueLater()
    }
  }

  /** Another gateway has become known. */
  meet(): void {
    if (!this.#isUnrelayed) return
    this.#isUnrelayed = false
    this.#relay()
  }

  /** A connection ended. */
  forget(connection: Connection): void {
    this.#returned.delete(connection)
    this.#late.delete(connection)
  }

  /** Renews the states of all connections of this gateway, the newest first. */
  renewAll(): void {
    this.#late.clear()
    this.#due = [...this.#deps.members].flatMap((member) => this.#statesOf(member))
    this.#continue()
  }

  #statesOf(owner: Connection): Due[] {
    const kept = this.#deps.states.of(owner.id)
    return kept.map((entry) => ({ owner, entry, change: entry.change }))
  }

  #relay(): void {
    this.#deps.relay.sendUnlessAlone(RELAY_KINDS.RENEW, () => new Uint8Array())
  }

  /** Asks for what the board has room for now. The rest is asked for later, or renews itself. */
  #continue(): void {
    const { members, states } = this.#deps
    for (let due = this.#due.pop(); due; due = this.#due.pop()) {
      const { owner, entry, change } = due
      if (states.get(entry.clientId) !== entry || entry.change !== change) continue
      if (!this.#copies.take(entry.bytes.length * members.size)) {
        this.#due.push(due)
        this.#continueLater()
        return
      }
      owner.send(requestFor(entry))
    }
  }

  #continueLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#isRequested) {
        this.#isRequested = false
        // Now, not when the first was back: a board that has just been opened knows no other gateway.
        this.#isUnrelayed = this.#deps.relay.isAlone
        this.#relay()
        this.renewAll()
      } else {
        this.#due.push(...[...this.#late].flatMap((connection) => this.#statesOf(connection)))
        this.#late.clear()
        this.#continue()
      }
    }, COLLECT_MS)
  }
}

/**
 * What y-protocols answers with the same state at a clock that follows: the removal of the client, at the
 * clock that its end would have, which is the highest that another may remember.
 */
function requestFor({ clientId, clock }: KeptEntry): Uint8Array {
  const removal = encodeAwarenessEntry({ clientId, clock: clock + 1, state: AWARENESS_GONE })
  return encodeAwareness(encodeAwarenessUpdate([removal]))
}
