import type { Logger } from '@mindfuse/service-kit'
import type { AccessMonitor } from '../access/access-monitor.ts'
import type { Connection } from '../connection/connection.ts'
import type { Grant } from '../connection/grant.ts'
import type { Hold } from '../connection/hold.ts'
import { type Capacity, requireCapacity, requireChannelCapacity } from './capacity.ts'
import type { ChannelLookup } from './channel-lookup.ts'
import type { GrantLookup } from './grant-lookup.ts'
import { Refusal } from './refusal.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

/** Most requests, upgrades and plain GETs alike, that are being decided on at a time. */
export const MAX_PENDING_ADMISSIONS = 1_000

/** How often a grant is looked up again while access to the board changes. */
const LOOKUP_ATTEMPTS = 5

/** What admission is decided from. */
export interface AdmissionDeps extends Capacity {
  lookUpGrant: GrantLookup
  lookUpChannel: ChannelLookup
  accessMonitor: Pick<AccessMonitor, 'isUpToDate'>
  hold: Pick<Hold, 'count'>
  log: Logger
}

/** Something to decide on. */
interface Decision {
  lookUp: () => Promise<Grant>
  /** @throws Refusal where a limit would be exceeded */
  requireRoom: (capacity: Capacity, grant: Grant) => void
  enter: (grant: Grant) => void
  /** What the log says of it. */
  context: object
}

/** Decides who may connect. The upgrade and the plain GET of its URL only render the decision. */
export class Admission {
  readonly #deps: AdmissionDeps
  #pending = 0
  #isStopping = false

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  /** Refuses everything from now on, also what is being decided on. */
  stop(): void {
    this.#isStopping = true
  }

  /**
   * Decides on a request.
   *
   * @param enter called with the grant in the same turn as the last checks: whatever it does takes
   *   effect before access, limits or stopping can change again
   * @returns why the request is refused; undefined where it entered
   */
  decide(request: UpgradeRequest, enter: (grant: Grant) => void): Promise<Refusal | undefined> {
    const { address: ip, requestId, trace } = request
    return this.#decide({
      lookUp: () => this.#deps.lookUpGrant(request),
      requireRoom: requireCapacity,
      enter,
      context: { ip, requestId, traceId: trace?.traceId },
    })
  }

  /** The same for a channel that an open connection wants to join. */
  join(
    connection: Connection,
    topic: string,
    enter: (grant: Grant) => void,
  ): Promise<Refusal | undefined> {
    return this.#decide({
      lookUp: () => this.#deps.lookUpChannel(connection, topic),
      requireRoom: requireChannelCapacity,
      enter,
      context: { connectionId: connection.id, userId: connection.userId },
    })
  }

  async #decide(decision: Decision): Promise<Refusal | undefined> {
    try {
      await this.#admit(decision)
      return undefined
    } catch (error) {
      return this.#toRefusal(error, decision.context)
    }
  }

  /** Each pending decision costs lookups and memory, so their number is bounded. */
  async #admit({ lookUp, requireRoom, enter }: Decision): Promise<void> {
    if (this.#pending >= MAX_PENDING_ADMISSIONS) {
      throw new Refusal(503, 'busy', 'Server overloaded; try again later')
    }
    this.#pending++
    try {
      for (let attempt = 0; attempt < LOOKUP_ATTEMPTS; attempt++) {
        const holds = this.#deps.hold.count
        const grant = await lookUp()
        if (this.#isStopping) {
          throw new Refusal(503, 'going_away', 'This gateway is shutting down; try again')
        }
        // An answer from before a pause in which this process was stopped is not of now.
        if (this.#deps.hold.count !== holds) continue
        // Access may have changed during the lookup.
        if (!this.#deps.accessMonitor.isUpToDate(grant)) continue
        requireRoom(this.#deps, grant)
        enter(grant)
        return
      }
    } finally {
      this.#pending--
    }
    throw new Refusal(503, 'access_changing', 'Access is changing; try again')
  }

  /** An unexpected error becomes a 500 that reveals nothing. */
  #toRefusal(error: unknown, context: object): Refusal {
    const { log } = this.#deps
    if (!(error instanceof Refusal)) {
      log.error({ err: error, ...context }, 'admission failed')
      return new Refusal(500, 'internal_error', 'Internal error')
    }
    const { code } = error
    if (error.status >= 500) log.warn({ err: error, code, ...context }, 'admission unavailable')
    else log.info({ code, ...context }, 'admission refused')
    return error
  }
}
