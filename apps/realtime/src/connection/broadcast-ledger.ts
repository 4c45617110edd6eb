import { BROADCAST_BURST, BROADCASTS_PER_SECOND } from '@mindfuse/protocol'
import { TokenBucket } from './token-bucket.ts'

/** The broadcasts of one connection: their numbers and their rate. */
export class BroadcastLedger {
  readonly rate = new TokenBucket(BROADCASTS_PER_SECOND, BROADCAST_BURST)
  #count = 0

  /** Counts one more, accepted or not. @returns its number */
  count(): number {
    return ++this.#count
  }
}
