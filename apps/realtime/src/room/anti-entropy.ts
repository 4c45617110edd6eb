import { MAX_POSITIONS } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { Relay } from '@mindfuse/shared-state'
import type { ApiClient } from '../storage/api-client.ts'
import type { LeaseHeartbeat } from './lease-heartbeat.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

/** How often boards are compared with what is stored, and connections are announced in full. */
const ROUND_INTERVAL_MS = 2_000

/**
 * Rounds that make up for lost messages: every open board is compared with what is stored, and
 * gateways announce all of their connections to each other.
 */
export class AntiEntropy {
  readonly #rooms: Rooms
  readonly #api: Pick<ApiClient, 'positions'>
  readonly #heartbeat: LeaseHeartbeat
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #isComparing = false

  constructor(deps: {
    rooms: Rooms
    api: Pick<ApiClient, 'positions'>
    relay: Relay
    /** Made before, so that it learns of an interruption before the next round begins. */
    heartbeat: LeaseHeartbeat
    log: Logger
  }) {
    this.#rooms = deps.rooms
    this.#api = deps.api
    this.#heartbeat = deps.heartbeat
    this.#log = deps.log
    deps.relay.onInterrupted(() => this.#resume())
    this.#timer = setInterval(() => void this.#round(), ROUND_INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** The connection to Dragonfly was interrupted: any message may have been lost. */
  #resume(): void {
    for (const room of this.#rooms.all) room.query()
    void this.#round()
  }

  async #round(): Promise<void> {
    const { isSilenceTrusted } = this.#heartbeat
    for (const room of this.#rooms.all) room.round({ isSilenceTrusted })
    if (this.#isComparing) return
    this.#isComparing = true
    try {
      const rooms = [...this.#rooms.all].filter(({ knownSeq }) => knownSeq !== undefined)
      for (let from = 0; from < rooms.length; from += MAX_POSITIONS) {
        await this.#compare(rooms.slice(from, from + MAX_POSITIONS))
      }
    } catch (error) {
      this.#log.debug({ err: error }, 'boards cannot be compared with what is stored')
    } finally {
      this.#isComparing = false
    }
  }

  async #compare(rooms: Room[]): Promise<void> {
    // As of now: an edit that is stored while the request is in progress may be missing in its reply.
    const asked = new Map(rooms.map((room) => [room.boardId, { room, seqBefore: room.knownSeq }]))
    for (const { boardId, seq } of await this.#api.positions([...asked.keys()])) {
      const { room, seqBefore } = asked.get(boardId) ?? {}
      if (seqBefore !== undefined) room?.compare({ storedSeq: seq, seqBefore })
    }
  }
}
