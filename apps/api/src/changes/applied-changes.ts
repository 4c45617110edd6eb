import { parseAccessMessage } from '@mindfuse/internal'
import { dropOldest, type EventBus } from '@mindfuse/shared-state'

/** Most gateways that are remembered. */
const MAX_GATEWAYS = 10_000

/** Up to where a gateway has applied changes of access. */
export interface Applied {
  gatewayId: string
  /** Null where it has no connections any longer. */
  upTo: number | null
  /** For how long it goes on delivering if it hears nothing more, milliseconds. */
  vouchMs: number
}

/**
 * How far gateways have applied changes of access. One that has not been heard of for as long as it would go
 * on by itself delivers nothing any longer, and is not waited for.
 */
export class AppliedChanges {
  readonly #gateways = new Map<string, { upTo: number; until: number }>()
  readonly #unsubscribe: () => void
  #waiting: { upTo: number; resolve: (isApplied: boolean) => void }[] = []

  constructor(deps: { bus: EventBus; scopes: readonly string[] }) {
    this.#unsubscribe = deps.bus.subscribe((text) => {
      const message = parseAccessMessage(text, deps.scopes)
      if (message?.kind === 'applied') this.note(message)
    })
  }

  /** A gateway says how far it is. */
  note({ gatewayId, upTo, vouchMs }: Applied): void {
    this.#gateways.delete(gatewayId)
    if (upTo !== null) {
      this.#gateways.set(gatewayId, { upTo, until: performance.now() + vouchMs })
      dropOldest(this.#gateways, MAX_GATEWAYS)
    }
    this.#waiting = this.#waiting.filter((waiting) => {
      const isApplied = this.#isApplied(waiting.upTo)
      if (isApplied) waiting.resolve(true)
      return !isApplied
    })
  }

  /** Resolves once every gateway has applied all changes up to a number, or with false after a time. */
  async whenApplied(upTo: number, timeoutMs: number): Promise<boolean> {
    if (this.#isApplied(upTo)) return true
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        resolve(this.#isApplied(upTo))
      }, timeoutMs)
      const waiting = {
        upTo,
        resolve(isApplied: boolean) {
          clearTimeout(timer)
          resolve(isApplied)
        },
      }
      this.#waiting.push(waiting)
    })
  }

  close(): void {
    this.#unsubscribe()
  }

  #isApplied(upTo: number): boolean {
    const now = performance.now()
    for (const [id, gateway] of this.#gateways) {
      if (gateway.until < now) this.#gateways.delete(id)
      else if (gateway.upTo < upTo) return false
    }
    return true
  }
}
