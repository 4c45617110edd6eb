import { MAX_POSITIONS } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import { GATEWAY_LEASE_MS, type SharedState } from '@mindfuse/shared-state'
import type { ApiClient } from '../storage/api-client.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

/** How often a gateway says that it is alive, looks for dead ones and writes presence behind. */
const LEASE_INTERVAL_MS = 1_000

/** How often boards are compared with what is stored, and presence is told in full. */
const ROUND_INTERVAL_MS = 2_000

/**
 * After the store was away, how long others get to show that they live before they may be called
 * dead, milliseconds: it may have come back empty, and each returns to it in its own time.
 */
const RETURN_GRACE_MS = 2 * GATEWAY_LEASE_MS

/**
 * What keeps gateways in step when messages get lost: leases that tell the dead from the living,
 * rounds that compare every open board with what is stored, and presence told in full.
 */
export class Upkeep {
  readonly #gatewayId: string
  readonly #rooms: Rooms
  readonly #api: ApiClient
  readonly #sharedState: SharedState
  readonly #log: Logger
  readonly #timers: NodeJS.Timeout[]
  readonly #onReaped: (connections: number) => void
  #isComparing = false
  #hasForgotten = false
  /** Whether the store ever answered. */
  #hasAnswered = false
  /** From when on silence means something, milliseconds since 1970. */
  #judgesFrom = 0

  constructor(deps: {
    gatewayId: string
    rooms: Rooms
    api: ApiClient
    sharedState: SharedState
    log: Logger
    /** Told how many connections of dead gateways were removed. */
    onReaped: (connections: number) => void
  }) {
    this.#gatewayId = deps.gatewayId
    this.#rooms = deps.rooms
    this.#api = deps.api
    this.#sharedState = deps.sharedState
    this.#log = deps.log
    this.#onReaped = deps.onReaped
    deps.sharedState.relay.onInterrupted(() => this.#resume())
    this.#timers = [
      setInterval(() => void this.#keepLease(), LEASE_INTERVAL_MS),
      setInterval(() => void this.#round(), ROUND_INTERVAL_MS),
    ]
    void this.#keepLease()
  }

  /** Ends the lease, so that others need not wait for it to run out. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#sharedState.presence.releaseLease(this.#gatewayId).catch(() => undefined)
  }

  async #keepLease(): Promise<void> {
    const { presence } = this.#sharedState
    const hasForgotten = this.#hasForgotten
    this.#hasForgotten = false
    try {
      await presence.renewLease(this.#gatewayId)
      this.#hasAnswered = true
      const rooms = [...this.#rooms.all]
      if (this.#mayJudge) await this.#removeDead(rooms)
      await Promise.all(rooms.map((room) => room.keepUp({ hasForgotten })))
    } catch (error) {
      this.#distrust()
      this.#log.debug({ err: error }, 'presence cannot be kept')
    }
  }

  async #removeDead(rooms: Room[]): Promise<void> {
    const others = new Set(rooms.flatMap((room) => [...room.otherGateways]))
    for (const gatewayId of await this.#sharedState.presence.findDead([...others])) {
      let removed = 0
      for (const room of rooms) removed += room.removeGateway(gatewayId)
      this.#onReaped(removed)
      this.#log.warn({ gatewayId, connections: removed }, 'gateway is gone')
    }
  }

  get #mayJudge(): boolean {
    return Date.now() >= this.#judgesFrom
  }

  /** The store was away: it may have lost everything, and others their leases. */
  #distrust(): void {
    this.#hasForgotten = true
    if (this.#hasAnswered) this.#judgesFrom = Date.now() + RETURN_GRACE_MS
  }

  /** The line was down: anything may have been missed. */
  #resume(): void {
    this.#distrust()
    void this.#keepLease()
    for (const room of this.#rooms.all) room.ask()
    void this.#round()
  }

  async #round(): Promise<void> {
    for (const room of this.#rooms.all) room.round({ isLineSound: this.#mayJudge })
    if (this.#isComparing) return
    this.#isComparing = true
    try {
      const boardIds = [...this.#rooms.all]
        .filter(({ knownSeq }) => knownSeq !== undefined)
        .map(({ boardId }) => boardId)
      for (let from = 0; from < boardIds.length; from += MAX_POSITIONS) {
        await this.#compare(boardIds.slice(from, from + MAX_POSITIONS))
      }
    } catch (error) {
      this.#log.debug({ err: error }, 'boards cannot be compared with what is stored')
    } finally {
      this.#isComparing = false
    }
  }

  async #compare(boardIds: string[]): Promise<void> {
    for (const { boardId, seq } of await this.#api.positions(boardIds)) {
      const room = this.#rooms.get(boardId)
      if (room?.knownSeq !== undefined && room.knownSeq < seq) room.repair()
    }
  }
}
