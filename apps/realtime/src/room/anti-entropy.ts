import { MAX_POSITIONS } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { Relay } from '@mindfuse/shared-state'
import type { Metrics } from '../metrics.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { LeaseHeartbeat } from './lease-heartbeat.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

/** How often boards are compared with what is stored, and connections are announced in full. */
const ROUND_INTERVAL_MS = 2_000

/** How many of the boards that were closed are compared in a round. */
const CLOSED_BOARDS_PER_ROUND = 200

/** A board or channel that is open. */
interface Announcing {
  query(): void
  round(options: { isSilenceTrusted: boolean }): void
}

/**
 * Rounds that make up for lost messages: every open board is compared with what is stored, and
 * gateways announce all of their connections to each other.
 */
export class AntiEntropy {
  readonly #rooms: Rooms
  readonly #places: () => Iterable<Announcing>
  readonly #api: Pick<ApiClient, 'positions'>
  readonly #heartbeat: LeaseHeartbeat
  readonly #metrics: Pick<Metrics, 'unrestoredPositions'>
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #isComparing = false

  constructor(deps: {
    rooms: Rooms
    places: () => Iterable<Announcing>
    api: Pick<ApiClient, 'positions'>
    relay: Relay
    /** Made before, so that it learns of an interruption before the next round begins. */
    heartbeat: LeaseHeartbeat
    metrics: Pick<Metrics, 'unrestoredPositions'>
    log: Logger
  }) {
    this.#rooms = deps.rooms
    this.#places = deps.places
    this.#api = deps.api
    this.#heartbeat = deps.heartbeat
    this.#metrics = deps.metrics
    this.#log = deps.log
    deps.relay.onInterrupted(() => this.#resume())
    this.#timer = setInterval(() => void this.#round(), ROUND_INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** The connection to Dragonfly was interrupted: any message may have been lost. */
  #resume(): void {
    for (const place of this.#places()) place.query()
    void this.#round()
  }

  async #round(): Promise<void> {
    const { isSilenceTrusted } = this.#heartbeat
    for (const place of this.#places()) place.round({ isSilenceTrusted })
    if (this.#isComparing) return
    this.#isComparing = true
    try {
      const rooms = [...this.#rooms.all].filter(({ position }) => position !== undefined)
      for (let from = 0; from < rooms.length; from += MAX_POSITIONS) {
        await this.#compare(rooms.slice(from, from + MAX_POSITIONS))
      }
      await this.#compareClosed()
    } catch (error) {
      this.#log.debug({ err: error }, 'boards cannot be compared with what is stored')
    } finally {
      this.#isComparing = false
    }
  }

  async #compare(rooms: Room[]): Promise<void> {
    // As of now: an edit that is stored while the request is in progress may be missing in its reply. Until
    // what others stored before it is read, the highest number that is known is above `knownSeq`.
    const asked = new Map(
      rooms.flatMap((room) => {
        const { boardId, position } = room
        return position ? [[boardId, { room, position, seq: position.highestSeq }] as const] : []
      }),
    )
    const { positions, incarnation } = await this.#api.positions([...asked.keys()])
    for (const { boardId, seq } of positions) {
      const board = asked.get(boardId)
      board?.room.compare({ seq, incarnation }, board)
    }
  }

  /** What the database lost of these is held by nobody here. */
  async #compareClosed(): Promise<void> {
    const { closed } = this.#rooms
    const boardIds = closed.next(CLOSED_BOARDS_PER_ROUND)
    if (boardIds.length === 0) return
    const { positions, incarnation } = await this.#api.positions(boardIds)
    const seqs = new Map(positions.map(({ boardId, seq }) => [boardId, seq]))
    for (const boardId of boardIds) {
      const lost = closed.compare(boardId, { seq: seqs.get(boardId), incarnation })
      if (!lost) continue
      this.#metrics.unrestoredPositions.inc(lost.to - lost.from)
      this.#log.error({ boardId, ...lost }, 'the database lost updates of a board that is not open')
    }
  }
}
