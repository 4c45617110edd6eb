import {
  AWARENESS_GONE,
  type AwarenessEntry,
  encodeAwarenessEntry,
  MAX_AWARENESS_CLIENTS,
} from '@mindfuse/protocol'
import { steadyTime } from '../steady-time.ts'
import type { LargeStates } from './large-states.ts'

/** The owner of an awareness client: a connection, here or on another gateway. */
export interface AwarenessOwner {
  /** The connection's id. */
  readonly id: string
  readonly userId: string
  /** When it connected, see {@link steadyTime}. */
  readonly connectedAt: number
  /** The gateway it is on, if that is another one. */
  readonly gatewayId?: string
}

/** For how long clients that are gone are remembered, milliseconds: twice as long as peers keep one. */
const GONE_MEMORY_MS = 60_000

/** How many of them at most, of one person and of all: nobody can have those of others forgotten. */
const MAX_GONE_PER_PERSON = 100
const MAX_GONE = 10_000

/** A client that is gone: whose it was, the clock of its removal, and when, see {@link steadyTime}. */
interface Gone {
  userId: string
  clock: number
  at: number
}

/** A state that is kept. A newer one of the same client is written into it. */
interface OwnedEntry {
  readonly clientId: number
  readonly isGone: false
  clock: number
  bytes: Uint8Array
  owner: AwarenessOwner
  /** Orders the changes of the board. */
  change: number
}

/** A state that a board keeps: see {@link AwarenessStates.since}. */
export type KeptEntry = Readonly<OwnedEntry>

/**
 * The awareness states of one board. A clientID belongs to the connection that introduced it: no
 * other can overwrite or remove it, nor introduce it within a minute after it is gone, unless it is the same
 * person's. Only a newer connection of the same person takes it over, because
 * the old socket of a broken connection lives on until it times out.
 */
export class AwarenessStates {
  readonly #entries = new Map<number, OwnedEntry>()
  /** The clientIDs of each connection. */
  readonly #clients = new Map<string, Set<number>>()
  /** By clientID, the newest last. */
  readonly #gone = new Map<number, Gone>()
  /** The clientIDs in it of each person, the newest last. */
  readonly #goneOf = new Map<string, Set<number>>()
  #changes = 0
  readonly #now: () => number
  readonly #large: LargeStates | undefined

  /** `now` is for tests, see {@link steadyTime}; without `large` nothing bounds large states. */
  constructor(now: () => number = steadyTime, large?: LargeStates) {
    this.#now = now
    this.#large = large
  }

  /** The states of all clients. */
  get entries(): AwarenessEntry[] {
    return [...this.#entries.values()]
  }

  /** The states that changed after one of these changes, the oldest change first. */
  since(change: number): KeptEntry[] {
    const changed = [...this.#entries.values()].filter((entry) => entry.change > change)
    return changed.sort((a, b) => a.change - b.change)
  }

  /** The states that belong to one connection. */
  of(ownerId: string): KeptEntry[] {
    const clients = this.#clients.get(ownerId) ?? []
    return Array.from(clients, (clientId) => this.#entries.get(clientId) as OwnedEntry)
  }

  /** The state of a client; undefined unless it is present. */
  get(clientId: number): KeptEntry | undefined {
    return this.#entries.get(clientId)
  }

  /** Whether a client is gone, and remembered. */
  isGone(clientId: number): boolean {
    return this.#gone.has(clientId)
  }

  /**
   * Of a connection's entries those that may count. All others repeat what is known, or are not the
   * connection's to change: most of what is received, because the stock provider sends back what it
   * receives.
   */
  news(owner: AwarenessOwner, entries: readonly AwarenessEntry[]): AwarenessEntry[] {
    return entries.filter((entry) => this.#mayCount(owner, entry))
  }

  /**
   * Receives a connection's entries, and returns those that count. Their bytes are copied; a returned
   * entry holds the newest state of its client until that is gone.
   */
  receive(owner: AwarenessOwner, entries: readonly AwarenessEntry[]): AwarenessEntry[] {
    const accepted: AwarenessEntry[] = []
    for (const entry of entries) {
      const kept = this.#accept(owner, entry)
      if (kept) accepted.push(kept)
    }
    return accepted
  }

  /** Removes a connection's clients. @returns the entries that notify others */
  removeOwner(ownerId: string): AwarenessEntry[] {
    return this.#remove(this.of(ownerId))
  }

  /** The same for a gateway's connections, except those that it still has. */
  removeGateway(gatewayId: string, present: ReadonlySet<string> = new Set()): AwarenessEntry[] {
    const entries = [...this.#entries.values()]
    return this.#remove(
      entries.filter(({ owner }) => owner.gatewayId === gatewayId && !present.has(owner.id)),
    )
  }

  #remove(entries: readonly AwarenessEntry[]): AwarenessEntry[] {
    return entries.map(({ clientId, clock }) => {
      this.#bury(clientId, clock + 1)
      return gone(clientId, clock + 1)
    })
  }

  #put(owner: AwarenessOwner, { clientId, clock, bytes }: AwarenessEntry): OwnedEntry {
    this.#forget(clientId)
    this.#delete(clientId)
    const change = ++this.#changes
    const entry: OwnedEntry = {
      clientId,
      clock,
      isGone: false,
      bytes: bytes.slice(),
      owner,
      change,
    }
    this.#entries.set(clientId, entry)
    this.#large?.add(owner, bytes.length)
    const clients = this.#clients.get(owner.id)
    if (clients) clients.add(clientId)
    else this.#clients.set(owner.id, new Set([clientId]))
    return entry
  }

  #bury(clientId: number, clock: number): void {
    const userId = this.#entries.get(clientId)?.owner.userId
    this.#delete(clientId)
    if (userId === undefined) return
    const at = this.#now()
    this.#forget(clientId)
    this.#gone.set(clientId, { userId, clock, at })
    const own = this.#goneOf.get(userId) ?? new Set()
    this.#goneOf.set(userId, own.add(clientId))
    const [oldestOwn] = own
    if (own.size > MAX_GONE_PER_PERSON && oldestOwn !== undefined) this.#forget(oldestOwn)
    for (const [oldest, gone] of this.#gone) {
      if (this.#gone.size <= MAX_GONE && gone.at > at - GONE_MEMORY_MS) break
      this.#forget(oldest)
    }
  }

  #forget(clientId: number): void {
    const gone = this.#gone.get(clientId)
    if (!gone) return
    this.#gone.delete(clientId)
    const own = this.#goneOf.get(gone.userId)
    own?.delete(clientId)
    if (own?.size === 0) this.#goneOf.delete(gone.userId)
  }

  /** Whether a client was another person's a moment ago: peers may still show it as theirs. */
  #wasOfAnother({ userId }: AwarenessOwner, clientId: number): boolean {
    const gone = this.#gone.get(clientId)
    return gone !== undefined && gone.userId !== userId && gone.at > this.#now() - GONE_MEMORY_MS
  }

  /**
   * Whether a connection repeats the state of a client from before that was gone: the stock provider
   * sends back what it receives, and would bring the client back as its own.
   */
  #isEcho({ connectedAt }: AwarenessOwner, { clientId, clock }: AwarenessEntry): boolean {
    const gone = this.#gone.get(clientId)
    return gone !== undefined && clock <= gone.clock && connectedAt <= gone.at
  }

  #delete(clientId: number): void {
    const known = this.#entries.get(clientId)
    if (!known) return
    const { owner, bytes } = known
    this.#entries.delete(clientId)
    this.#large?.remove(owner, bytes.length)
    const clients = this.#clients.get(owner.id)
    clients?.delete(clientId)
    if (clients?.size === 0) this.#clients.delete(owner.id)
  }

  #mayCount(owner: AwarenessOwner, entry: AwarenessEntry): boolean {
    const { clientId, clock, isGone } = entry
    const known = this.#entries.get(clientId)
    if (known) {
      if (known.owner.id !== owner.id && !mayTakeOver(owner, known.owner)) return false
      // As in y-protocols: an equal clock counts only if it says that the client is gone.
      return clock > known.clock || (clock === known.clock && isGone)
    }
    if (isGone || this.#isEcho(owner, entry) || this.#wasOfAnother(owner, clientId)) return false
    return (this.#clients.get(owner.id)?.size ?? 0) < MAX_AWARENESS_CLIENTS
  }

  /** @returns the entry as it is kept, if it counts */
  #accept(owner: AwarenessOwner, entry: AwarenessEntry): AwarenessEntry | undefined {
    if (!this.#mayCount(owner, entry)) return undefined
    const { clientId, clock, isGone, bytes } = entry
    if (isGone) {
      this.#bury(clientId, clock)
      return gone(clientId, clock)
    }
    const known = this.#entries.get(clientId)
    const sizes = { from: known?.bytes.length ?? 0, to: bytes.length }
    if (this.#large && !this.#large.mayReplace(owner, sizes)) return undefined
    return known?.owner.id === owner.id ? this.#renew(known, entry) : this.#put(owner, entry)
  }

  /** Moving a cursor mostly changes digits: the new state often has the length of the old one. */
  #renew(known: OwnedEntry, { clock, bytes }: AwarenessEntry): OwnedEntry {
    known.clock = clock
    known.change = ++this.#changes
    if (known.bytes.length === bytes.length) {
      known.bytes.set(bytes)
      return known
    }
    this.#large?.remove(known.owner, known.bytes.length)
    this.#large?.add(known.owner, bytes.length)
    known.bytes = bytes.slice()
    return known
  }
}

function gone(clientId: number, clock: number): AwarenessEntry {
  return encodeAwarenessEntry({ clientId, clock, state: AWARENESS_GONE })
}

function mayTakeOver(newcomer: AwarenessOwner, owner: AwarenessOwner): boolean {
  return newcomer.userId === owner.userId && newcomer.connectedAt >= owner.connectedAt
}
