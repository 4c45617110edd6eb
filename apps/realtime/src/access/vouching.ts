import { type AccessMessage, parseAccessMessage } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { EventBus } from '@mindfuse/shared-state'
import type { Connection } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import { Hold, MAX_PAUSE_MS } from '../connection/hold.ts'
import { type ApiClient, ApiResponseError } from '../storage/api-client.ts'
import type { AccessMonitor } from './access-monitor.ts'
import type { NewChanges, RecentChanges } from './recent-changes.ts'

/** How long boards go on by default while nobody vouches for who may do what, seconds. */
export const VOUCH_SECONDS = 30

/** How often the API is asked what changed, milliseconds. */
const ASK_INTERVAL_MS = 2_000

/** How often it is checked whether anybody still vouches, milliseconds. */
const BEAT_INTERVAL_MS = 250

/** After this time the numbers of events that are known here say nothing: the API may have removed them. */
const MAX_KNOWN_MS = 60 * 60_000

/** How many events before its start a gateway looks back: it proves with them what others kept of that time. */
const LOOK_BACK = 1_000

/** What the API answers to a secret that is not its own. */
const SECRET_REFUSED = 401

/** Short holds are not shown to people, milliseconds. */
const NOTICE_AFTER_MS = 1_000

/**
 * Knows up to which event all changes of access are applied here. They come over pub/sub, and with the
 * answers of the API, which is asked every 2 seconds; both say between which events they are complete.
 * While neither comes, delivery is held after a time, and so it is when this process was stopped: what it
 * was not told is unknown to it.
 */
export class Vouching {
  readonly hold = new Hold(() => this.#overslept())
  readonly #gatewayId: string
  readonly #scope: string
  readonly #api: Pick<ApiClient, 'accessChanges'>
  readonly #recent: RecentChanges
  readonly #bus: EventBus
  readonly #connections: Connections
  readonly #log: Logger
  readonly #vouchMs: number
  readonly #report: () => Promise<unknown>
  readonly #onResumed: (connection: Connection) => void
  #accessMonitor: AccessMonitor | undefined
  #timers: NodeJS.Timeout[] = []
  #unsubscribe: (() => void) | undefined
  #heardAt = performance.now()
  #answeredAt: number | undefined
  #isRefused = false
  /** Messages that arrive before this may have waited for the process to go on. */
  #trustedFrom = 0
  #heldAt: number | undefined
  #isNoticed = false
  #hasLookedBack = false
  #isAsking = false
  #isTelling = false

  constructor(deps: {
    gatewayId: string
    /** See `accessScope`. */
    scope: string
    api: Pick<ApiClient, 'accessChanges'>
    recent: RecentChanges
    bus: EventBus
    connections: Connections
    log: Logger
    vouchMs: number
    /** How the gateway is, which the API is told with the question. */
    report: () => Promise<unknown>
    /** A connection may go on. */
    onResumed: (connection: Connection) => void
  }) {
    this.#gatewayId = deps.gatewayId
    this.#scope = deps.scope
    this.#api = deps.api
    this.#recent = deps.recent
    this.#bus = deps.bus
    this.#connections = deps.connections
    this.#log = deps.log
    this.#vouchMs = deps.vouchMs
    this.#report = deps.report
    this.#onResumed = deps.onResumed
  }

  /** How long ago an API vouched, milliseconds. */
  get unheardMs(): number {
    return performance.now() - this.#heardAt
  }

  /** How long ago the API answered the last time, milliseconds, and whether it refuses the secret now. */
  get answers(): { lastMs: number | undefined; isRefused: boolean } {
    const answeredAt = this.#answeredAt
    return {
      lastMs: answeredAt === undefined ? undefined : performance.now() - answeredAt,
      isRefused: this.#isRefused,
    }
  }

  start(accessMonitor: AccessMonitor): void {
    this.#accessMonitor = accessMonitor
    this.#unsubscribe = this.#bus.subscribe((text) => {
      const message = parseAccessMessage(text, [this.#scope])
      if (message?.kind !== 'changes' || performance.now() < this.#trustedFrom) return
      // When it was sent is not known: it proves nothing of what is kept.
      const changes = this.#recent.continueWith(message, Number.NEGATIVE_INFINITY)
      if (changes) this.#take(changes, performance.now())
      else void this.#ask()
    })
    this.#timers = [
      setInterval(() => this.#beat(), BEAT_INTERVAL_MS),
      setInterval(() => void this.#ask(), ASK_INTERVAL_MS),
    ]
    void this.#ask()
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#unsubscribe?.()
    await this.#tell(null)
  }

  #beat(): void {
    this.hold.beat()
    if (this.unheardMs > this.#vouchMs) this.#holdNow('the API is not heard of')
    if (this.#heldAt === undefined) return
    if (!this.#isNoticed && performance.now() - this.#heldAt > NOTICE_AFTER_MS) {
      this.#isNoticed = true
      for (const connection of this.#connections.all) connection.showHeld()
    }
    void this.#ask()
  }

  #overslept(): void {
    this.#trustedFrom = performance.now() + MAX_PAUSE_MS
    this.#holdNow('the process was stopped')
    void this.#ask()
  }

  #holdNow(reason: string): void {
    if (this.#heldAt !== undefined) return
    this.#heldAt = performance.now()
    this.hold.begin()
    this.#log.warn({ reason, connections: this.#connections.size }, 'delivery is held')
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const report = await this.#report().catch(() => undefined)
    const askedAt = performance.now()
    let after = this.unheardMs < MAX_KNOWN_MS ? this.#recent.upTo : undefined
    if (after !== undefined && !this.#hasLookedBack) {
      after = Math.max(0, after - LOOK_BACK)
      this.#hasLookedBack = true
    }
    try {
      const answer = await this.#api.accessChanges({
        gatewayId: this.#gatewayId,
        vouchMs: this.#vouchMs,
        report,
        ...(after !== undefined && { after }),
      })
      this.#answeredAt = performance.now()
      this.#isRefused = false
      const changes = this.#recent.continueWith(answer, askedAt)
      if (!changes) this.#recent.restart(answer)
      this.#take(changes, askedAt)
    } catch (error) {
      this.#isRefused = error instanceof ApiResponseError && error.status === SECRET_REFUSED
      this.#log.debug({ err: error }, 'changes of access cannot be read')
    } finally {
      this.#isAsking = false
    }
  }

  /**
   * @param changes those that are new; undefined where any may have been missed
   * @param asOf when the changes were complete, at the latest
   */
  #take(changes: NewChanges | undefined, asOf: number): void {
    if (changes) this.#accessMonitor?.apply(changes)
    else this.#accessMonitor?.doubtAll()
    this.#heardAt = Math.max(this.#heardAt, asOf)
    if (this.#heldAt !== undefined && this.#heldAt <= asOf) this.#resume()
    void this.#tellWhenApplied()
  }

  #resume(): void {
    this.#log.info(
      { heldMs: Math.round(performance.now() - (this.#heldAt ?? 0)) },
      'delivery goes on',
    )
    this.#heldAt = undefined
    // Those whose access is to be checked first stay held.
    this.#accessMonitor?.holdDoubtful()
    this.hold.end()
    for (const connection of this.#connections.all) {
      if (!connection.isHeld) this.#onResumed(connection)
    }
    this.#isNoticed = false
  }

  /** Says how far changes are applied here: the API waits for it before it answers who made one. */
  async #tellWhenApplied(): Promise<void> {
    if (this.#isTelling) return
    this.#isTelling = true
    let told: number | undefined
    while (this.#recent.upTo !== undefined && told !== this.#recent.upTo) {
      told = this.#recent.upTo
      await this.#accessMonitor?.settled()
      await this.#tell(told)
    }
    this.#isTelling = false
  }

  async #tell(upTo: number | null): Promise<void> {
    const message: AccessMessage = {
      kind: 'applied',
      scope: this.#scope,
      gatewayId: this.#gatewayId,
      upTo,
      vouchMs: this.#vouchMs,
    }
    await this.#bus.publish(JSON.stringify(message)).catch((error) => {
      this.#log.debug({ err: error }, 'the API cannot be told what is applied')
    })
  }
}
