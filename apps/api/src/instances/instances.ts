import {
  type ApiReport,
  type GatewayReport,
  type InstanceMessage,
  type InstanceReport,
  parseInstanceMessage,
} from '@mindfuse/internal'
import { dropOldest, type EventBus } from '@mindfuse/shared-state'

/** How long an instance is remembered that is not heard of, milliseconds. */
const REMEMBERED_MS = 60_000

/** Most instances that are remembered. */
const MAX_INSTANCES = 1_000

/** A report, and how old it is. */
export type Heard<Report> = Report & { silentSeconds: number }

/**
 * What is known of all instances. Gateways report to the API that they ask anyway, which passes it on to the
 * others; so each API knows all, and without Dragonfly those that it hears itself.
 */
export class Instances {
  readonly #bus: EventBus
  readonly #scopes: readonly string[]
  readonly #unsubscribe: () => void
  readonly #known = new Map<string, { report: InstanceReport; heardAt: number }>()

  /** @param deps.scopes see `accessScope`; the first is this API's own */
  constructor(deps: { bus: EventBus; scopes: readonly string[] }) {
    this.#bus = deps.bus
    this.#scopes = deps.scopes
    this.#unsubscribe = deps.bus.subscribe((text) => {
      const report = parseInstanceMessage(text, this.#scopes)
      if (report) this.#note(report)
    })
  }

  /** An instance reports, this one or a gateway that asked it. */
  report(report: InstanceReport): void {
    this.#note(report)
    const [scope = ''] = this.#scopes
    const message: InstanceMessage = { scope, report }
    // The next report is due in seconds.
    this.#bus.publish(JSON.stringify(message)).catch(() => undefined)
  }

  /** By age, the oldest process first. */
  list(): { apis: Heard<ApiReport>[]; gateways: Heard<GatewayReport>[] } {
    const now = performance.now()
    const apis: Heard<ApiReport>[] = []
    const gateways: Heard<GatewayReport>[] = []
    for (const [id, { report, heardAt }] of this.#known) {
      const silentMs = now - heardAt
      const silentSeconds = Math.floor(silentMs / 1_000)
      if (silentMs > REMEMBERED_MS) this.#known.delete(id)
      else if (report.kind === 'api') apis.push({ ...report, silentSeconds })
      else gateways.push({ ...report, silentSeconds })
    }
    return { apis: apis.sort(byAge), gateways: gateways.sort(byAge) }
  }

  close(): void {
    this.#unsubscribe()
  }

  #note(report: InstanceReport): void {
    this.#known.delete(report.id)
    this.#known.set(report.id, { report, heardAt: performance.now() })
    dropOldest(this.#known, MAX_INSTANCES)
  }
}

function byAge(a: Heard<InstanceReport>, b: Heard<InstanceReport>): number {
  return b.upSeconds + b.silentSeconds - a.upSeconds - a.silentSeconds || (a.id < b.id ? -1 : 1)
}
