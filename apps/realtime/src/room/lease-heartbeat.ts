import type { Logger } from '@mindfuse/service-kit'
import { GATEWAY_LEASE_MS, type SharedState } from '@mindfuse/shared-state'

/** How often a gateway renews its lease, looks for expired ones and writes presence behind. */
const HEARTBEAT_INTERVAL_MS = 1_000

/**
 * After an outage of the store, how long other gateways get to renew their leases before they count
 * as dead, milliseconds: the store may have lost everything, and each gateway returns in its own time.
 */
const RETURN_GRACE_MS = 2 * GATEWAY_LEASE_MS

/** A board or channel that is open. */
export interface SharedPlace {
  readonly otherGateways: ReadonlySet<string>
  storePresence(options: { storeAll: boolean }): Promise<void>
  removeGateway(gatewayId: string): number
}

/** Renews this gateway's lease, and removes the connections of gateways whose lease expired. */
export class LeaseHeartbeat {
  readonly #gatewayId: string
  readonly #places: () => Iterable<SharedPlace>
  readonly #sharedState: SharedState
  readonly #log: Logger
  readonly #onReaped: (connections: number) => void
  readonly #timer: NodeJS.Timeout
  #mayHaveLostPresence = false
  /** Whether the store has ever answered. */
  #hasAnswered = false
  /** From when on silence means something, in the time of `performance.now()`: a clock that is set back must keep no ghosts. */
  #trustedFrom = 0

  constructor(deps: {
    gatewayId: string
    places: () => Iterable<SharedPlace>
    sharedState: SharedState
    log: Logger
    /** Called with the number of connections of dead gateways that were removed. */
    onReaped: (connections: number) => void
  }) {
    this.#gatewayId = deps.gatewayId
    this.#places = deps.places
    this.#sharedState = deps.sharedState
    this.#log = deps.log
    this.#onReaped = deps.onReaped
    deps.sharedState.relay.onInterrupted(() => this.#resume())
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_INTERVAL_MS)
    void this.#beat()
  }

  /** Whether a gateway that is silent has really sent nothing. */
  get isSilenceTrusted(): boolean {
    return performance.now() >= this.#trustedFrom
  }

  /** Ends the lease, so that other gateways need not wait until it expires. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sharedState.presence.releaseLease(this.#gatewayId).catch(() => undefined)
  }

  async #beat(): Promise<void> {
    const { presence } = this.#sharedState
    const storeAll = this.#mayHaveLostPresence
    this.#mayHaveLostPresence = false
    try {
      const wasHeld = await presence.renewLease(this.#gatewayId)
      // Lost while no command failed: the store may have been away between two heartbeats.
      if (!wasHeld) this.#distrust()
      this.#hasAnswered = true
      if (this.isSilenceTrusted) await this.#removeDead()
      await Promise.all(Array.from(this.#places(), (place) => place.storePresence({ storeAll })))
    } catch (error) {
      this.#distrust()
      this.#log.debug({ err: error }, 'presence cannot be stored')
    }
  }

  async #removeDead(): Promise<void> {
    const places = [...this.#places()]
    const others = new Set(places.flatMap((place) => [...place.otherGateways]))
    for (const gatewayId of await this.#sharedState.presence.findDead([...others])) {
      let removed = 0
      for (const place of places) removed += place.removeGateway(gatewayId)
      this.#onReaped(removed)
      this.#log.warn({ gatewayId, connections: removed }, 'gateway is gone')
    }
  }

  /** The store was unreachable, or lost this gateway's lease: it may have lost those of others too. */
  #distrust(): void {
    this.#mayHaveLostPresence = true
    if (this.#hasAnswered) this.#trustedFrom = performance.now() + RETURN_GRACE_MS
  }

  #resume(): void {
    this.#distrust()
    void this.#beat()
  }
}
