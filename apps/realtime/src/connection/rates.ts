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

/**
 * What a connection may do how often: on average a second, and at once. Each takes memory from its
 * first use on: most people only watch.
 */
export class Rates {
  #edits: TokenBucket | undefined
  #awareness: TokenBucket | undefined
  #echoes: TokenBucket | undefined
  #joins: TokenBucket | undefined
  #presence: TokenBucket | undefined

  get edits(): TokenBucket {
    this.#edits ??= new TokenBucket(EDITS_PER_SECOND, EDIT_BURST)
    return this.#edits
  }

  get awareness(): TokenBucket {
    this.#awareness ??= new TokenBucket(AWARENESS_PER_SECOND, AWARENESS_BURST)
    return this.#awareness
  }

  /** Awareness that is no news: the stock provider sends back each frame that it hears. */
  get echoes(): TokenBucket {
    this.#echoes ??= new TokenBucket(AWARENESS_PER_SECOND, AWARENESS_BURST)
    return this.#echoes
  }

  get joins(): TokenBucket {
    this.#joins ??= new TokenBucket(JOINS_PER_SECOND, JOIN_BURST)
    return this.#joins
  }

  get presence(): TokenBucket {
    this.#presence ??= new TokenBucket(PRESENCE_PER_SECOND, PRESENCE_BURST)
    return this.#presence
  }
}
