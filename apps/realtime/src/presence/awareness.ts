import { AWARENESS_GONE, type AwarenessEntry, MAX_AWARENESS_CLIENTS } from '@mindfuse/protocol'

/** Whom an awareness client belongs to: a connection, here or on another gateway. */
export interface AwarenessOwner {
  /** The connection's id. */
  readonly id: string
  readonly userId: string
  /** When it connected, milliseconds since 1970. */
  readonly connectedAt: number
  /** The gateway it is on, where that is another. */
  readonly gatewayId?: string
}

/** How many clients that went are remembered at most, and for how long, milliseconds. */
const MAX_GONE = 1_000
const GONE_MEMORY_MS = 60_000

/** A client that went: the clock that says so, and when it was, milliseconds since 1970. */
interface Gone {
  clock: number
  at: number
}

interface OwnedEntry extends AwarenessEntry {
  owner: AwarenessOwner
}

/**
 * The awareness states of one board. A clientID belongs to the connection that introduced it:
 * nobody else can overwrite or remove it. Only the same person's newer connection takes it over,
 * because after a broken line the old socket lives on until it times out.
 */
export class AwarenessStates {
  readonly #entries = new Map<number, OwnedEntry>()
  /** The clientIDs of each connection. */
  readonly #clients = new Map<string, Set<number>>()
  /** By clientID, the newest last. */
  readonly #gone = new Map<number, Gone>()
  readonly #now: () => number

  /** `now` is in milliseconds since 1970, for tests. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** The states of everybody present. */
  get entries(): AwarenessEntry[] {
    return [...this.#entries.values()]
  }

  /** The states that belong to one connection. */
  of(ownerId: string): AwarenessEntry[] {
    const clients = this.#clients.get(ownerId) ?? []
    return Array.from(clients, (clientId) => this.#entries.get(clientId) as AwarenessEntry)
  }

  /** Takes in what a connection says, and returns the part that counts. */
  receive(owner: AwarenessOwner, entries: readonly AwarenessEntry[]): AwarenessEntry[] {
    return entries.filter((entry) => this.#accept(owner, entry))
  }

  /** Forgets a connection's clients, and returns the entries that tell others so. */
  removeOwner(ownerId: string): AwarenessEntry[] {
    return this.#remove(this.of(ownerId))
  }

  /** The same for a gateway's connections, but for those that it still has. */
  removeGateway(gatewayId: string, present: ReadonlySet<string> = new Set()): AwarenessEntry[] {
    const entries = [...this.#entries.values()]
    return this.#remove(
      entries.filter(({ owner }) => owner.gatewayId === gatewayId && !present.has(owner.id)),
    )
  }

  #remove(entries: readonly AwarenessEntry[]): AwarenessEntry[] {
    return entries.map(({ clientId, clock }) => {
      this.#bury(clientId, clock + 1)
      return { clientId, clock: clock + 1, state: AWARENESS_GONE }
    })
  }

  #put(entry: OwnedEntry): void {
    const { clientId, owner } = entry
    this.#gone.delete(clientId)
    if (this.#entries.get(clientId)?.owner.id !== owner.id) this.#delete(clientId)
    this.#entries.set(clientId, entry)
    const clients = this.#clients.get(owner.id)
    if (clients) clients.add(clientId)
    else this.#clients.set(owner.id, new Set([clientId]))
  }

  #bury(clientId: number, clock: number): void {
    this.#delete(clientId)
    const at = this.#now()
    this.#gone.delete(clientId)
    this.#gone.set(clientId, { clock, at })
    for (const [oldest, gone] of this.#gone) {
      if (this.#gone.size <= MAX_GONE && gone.at > at - GONE_MEMORY_MS) break
      this.#gone.delete(oldest)
    }
  }

  /**
   * Whether somebody who was there already repeats what a client said before it went: the stock
   * provider sends back what it hears, and would bring the client back as its own.
   */
  #isEcho({ connectedAt }: AwarenessOwner, { clientId, clock }: AwarenessEntry): boolean {
    const gone = this.#gone.get(clientId)
    return gone !== undefined && clock <= gone.clock && connectedAt <= gone.at
  }

  #delete(clientId: number): void {
    const owner = this.#entries.get(clientId)?.owner.id
    if (owner === undefined) return
    this.#entries.delete(clientId)
    const clients = this.#clients.get(owner)
    clients?.delete(clientId)
    if (clients?.size === 0) this.#clients.delete(owner)
  }

  #accept(owner: AwarenessOwner, entry: AwarenessEntry): boolean {
    const known = this.#entries.get(entry.clientId)
    const isGone = entry.state === AWARENESS_GONE
    if (known) {
      if (known.owner.id !== owner.id && !mayTakeOver(owner, known.owner)) return false
      // As y-protocols has it: an equal clock counts only to say that the client is gone.
      if (entry.clock < known.clock || (entry.clock === known.clock && !isGone)) return false
    } else if (isGone || this.#isEcho(owner, entry)) {
      return false
    } else if ((this.#clients.get(owner.id)?.size ?? 0) >= MAX_AWARENESS_CLIENTS) {
      return false
    }
    if (isGone) this.#bury(entry.clientId, entry.clock)
    else this.#put({ ...entry, owner })
    return true
  }
}

function mayTakeOver(newcomer: AwarenessOwner, owner: AwarenessOwner): boolean {
  return newcomer.userId === owner.userId && newcomer.connectedAt >= owner.connectedAt
}
