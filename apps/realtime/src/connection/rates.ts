import {
  AWARENESS_BURST,
  AWARENESS_PER_SECOND,
  CHANNEL_JOIN_BURST,
  CHANNEL_JOINS_PER_SECOND,
  EDIT_BURST,
  EDITS_PER_SECOND,
  JOIN_BURST,
  JOINS_PER_SECOND,
  PRESENCE_BURST,
  PRESENCE_PER_SECOND,
} from '@mindfuse/protocol'
import { TokenBucket } from './token-bucket.ts'

/**
 * How often a connection may do what: on average a second, and in a burst. Each bucket is allocated
 * at its first use, because most clients only watch.
 */
export class Rates {
  #edits: TokenBucket | undefined
  #awareness: TokenBucket | undefined
  #joins: TokenBucket | undefined
  #presence: TokenBucket | undefined
  #channelJoins: TokenBucket | undefined

  get edits(): TokenBucket {
    this.#edits ??= new TokenBucket(EDITS_PER_SECOND, EDIT_BURST)
    return this.#edits
  }

  get awareness(): TokenBucket {
    this.#awareness ??= new TokenBucket(AWARENESS_PER_SECOND, AWARENESS_BURST)
    return this.#awareness
  }

  get joins(): TokenBucket {
    this.#joins ??= new TokenBucket(JOINS_PER_SECOND, JOIN_BURST)
    return this.#joins
  }

  get channelJoins(): TokenBucket {
    this.#channelJoins ??= new TokenBucket(CHANNEL_JOINS_PER_SECOND, CHANNEL_JOIN_BURST)
    return this.#channelJoins
  }

  get presence(): TokenBucket {
    this.#presence ??= new TokenBucket(PRESENCE_PER_SECOND, PRESENCE_BURST)
    return this.#presence
  }
}
