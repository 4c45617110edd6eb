import type { Logger } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import type { Vouching } from '../access/vouching.ts'

/** How long the API may leave the question of every 2 seconds unanswered, milliseconds. */
const API_SILENCE_MS = 10_000

/** How often it is checked whether the gateway is ready, for the log, milliseconds. */
const CHECK_INTERVAL_MS = 250

/** A start may take this long before the log says what is missing, milliseconds. */
const START_MS = 5_000

/** Why a gateway is not ready. */
type NotReadyReason =
  | 'going_away'
  /** No answer, or errors alone. */
  | 'api_unavailable'
  /** `INTERNAL_SECRET` is not the API's. */
  | 'internal_secret_refused'
  /** Never since the start: most likely a wrong `REDIS_URL`. */
  | 'redis_unreachable'

/**
 * Whether clients should be sent here. Without the API nobody can be admitted, so the gateway is not ready
 * while it does not answer. Dragonfly has to have been reached once: a gateway with a wrong `REDIS_URL` would
 * split boards in two. It may be away afterwards, since boards go on without it.
 */
export class Readiness {
  readonly #admission: { isStopping: boolean }
  readonly #vouching: Pick<Vouching, 'answers'>
  readonly #sharedState: Pick<SharedState, 'isConnected'>
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  readonly #startedAt = performance.now()
  #hadRedis = false
  #logged: string | undefined

  constructor(deps: {
    admission: { isStopping: boolean }
    vouching: Pick<Vouching, 'answers'>
    sharedState: Pick<SharedState, 'isConnected'>
    log: Logger
  }) {
    this.#admission = deps.admission
    this.#vouching = deps.vouching
    this.#sharedState = deps.sharedState
    this.#log = deps.log
    this.#timer = setInterval(() => this.#logChange(), CHECK_INTERVAL_MS)
  }

  /** None where it is ready. */
  get reasons(): NotReadyReason[] {
    this.#hadRedis ||= this.#sharedState.isConnected()
    const { lastMs, isRefused } = this.#vouching.answers
    return [
      ...(this.#admission.isStopping ? ['going_away' as const] : []),
      ...(isRefused
        ? ['internal_secret_refused' as const]
        : lastMs === undefined || lastMs > API_SILENCE_MS
          ? ['api_unavailable' as const]
          : []),
      ...(this.#hadRedis ? [] : ['redis_unreachable' as const]),
    ]
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #logChange(): void {
    const { reasons } = this
    const text = reasons.join()
    if (text === this.#logged) return
    const isStarting = performance.now() - this.#startedAt < START_MS
    if (text !== '' && this.#logged === undefined && isStarting) return
    this.#logged = text
    if (text === '') this.#log.info('gateway ready')
    else this.#log.warn({ reasons }, 'gateway is not ready')
  }
}
