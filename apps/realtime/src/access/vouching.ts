import { type AccessChanges, type AccessMessage, parseAccessMessage } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import type { EventBus } from '@mindfuse/shared-state'
import type { Connection } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import { Hold, MAX_PAUSE_MS } from '../connection/hold.ts'
import type { ApiClient } from '../storage/api-client.ts'
import type { AccessMonitor } from './access-monitor.ts'

/** How long boards go on by default while nobody vouches for who may do what, seconds. */
export const VOUCH_SECONDS = 30

/** How often the API is asked what changed, milliseconds. */
const ASK_INTERVAL_MS = 2_000

/** How often it is checked whether anybody still vouches, milliseconds. */
const BEAT_INTERVAL_MS = 250

/** After this time the numbers of events that are known here say nothing: the API may have removed them. */
const MAX_KNOWN_MS = 60 * 60_000

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
  readonly #bus: EventBus
  readonly #connections: Connections
  readonly #log: Logger
  readonly #vouchMs: number
  readonly #onResumed: (connection: Connection) => void
  #accessMonitor: AccessMonitor | undefined
  #timers: NodeJS.Timeout[] = []
  #unsubscribe: (() => void) | undefined
  /** Up to which event all changes are known here. */
  #upTo: number | undefined
  #heardAt = performance.now()
  /** Messages that arrive before this may have waited for the process to go on. */
  #trustedFrom = 0
  #heldAt: number | undefined
  #isNoticed = false
  #isAsking = false
  #isTelling = false

  constructor(deps: {
    gatewayId: string
    /** See `accessScope`. */
    scope: string
    api: Pick<ApiClient, 'accessChanges'>
    bus: EventBus
    connections: Connections
    log: Logger
    vouchMs: number
    /** A connection may go on. */
    onResumed: (connection: Connection) => void
  }) {
    this.#gatewayId = deps.gatewayId
    this.#scope = deps.scope
    this.#api = deps.api
    this.#bus = deps.bus
    this.#connections = deps.connections
    this.#log = deps.log
    this.#vouchMs = deps.vouchMs
    this.#onResumed = deps.onResumed
  }

  /** How long ago somebody vouched, milliseconds. */
  get unheardMs(): number {
    return performance.now() - this.#heardAt
  }

  start(accessMonitor: AccessMonitor): void {
    this.#accessMonitor = accessMonitor
    this.#unsubscribe = this.#bus.subscribe((text) => {
      const message = parseAccessMessage(text, [this.#scope])
      // One that begins after what is known here leaves out something.
      if (message?.kind !== 'changes' || performance.now() < this.#trustedFrom) return
      if (message.after !== null && message.after <= (this.#upTo ?? -1)) {
        this.#take(message, performance.now())
      } else {
        void this.#ask()
      }
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
    const askedAt = performance.now()
    const after = this.unheardMs < MAX_KNOWN_MS ? this.#upTo : undefined
    try {
      const changes = await this.#api.accessChanges({
        gatewayId: this.#gatewayId,
        vouchMs: this.#vouchMs,
        ...(after !== undefined && { after }),
      })
      this.#take(changes, askedAt)
    } catch (error) {
      this.#log.debug({ err: error }, 'changes of access cannot be read')
    } finally {
      this.#isAsking = false
    }
  }

  /** @param asOf when the changes were complete, at the latest */
  #take(changes: AccessChanges, asOf: number): void {
    const { after, upTo } = changes
    if (after === null) this.#accessMonitor?.doubtAll()
    else this.#accessMonitor?.apply(changes)
    this.#upTo = after === null ? upTo : Math.max(this.#upTo ?? 0, upTo)
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
    while (this.#upTo !== undefined && told !== this.#upTo) {
      told = this.#upTo
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
