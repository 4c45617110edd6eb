import {
  AWARENESS_BURST,
  AWARENESS_PER_SECOND,
  EDIT_BURST,
  EDITS_PER_SECOND,
  JOIN_BURST,
  JOINS_PER_SECOND,
  PRESENCE_BURST,
  PRESENCE_PER_SECOND,
} from '@mindfuse/protocol'
import { TokenBucket } from './token-bucket.ts'

/** What a connection may do how often: on average a second, and at once. */
const RATES = {
  edits: [EDITS_PER_SECOND, EDIT_BURST],
  awareness: [AWARENESS_PER_SECOND, AWARENESS_BURST],
  /** Awareness that is no news: the stock provider sends back each frame that it hears. */
  echoes: [AWARENESS_PER_SECOND, AWARENESS_BURST],
  joins: [JOINS_PER_SECOND, JOIN_BURST],
  presence: [PRESENCE_PER_SECOND, PRESENCE_BURST],
} as const

/** The rates of one connection. Each takes memory from its first use on: most people only watch. */
export class Rates {
  readonly #buckets: Partial<Record<keyof typeof RATES, TokenBucket>> = {}

  of(what: keyof typeof RATES): TokenBucket {
    const [perSecond, burst] = RATES[what]
    this.#buckets[what] ??= new TokenBucket(perSecond, burst)
    return this.#buckets[what]
  }
}
