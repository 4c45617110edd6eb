import { BROADCAST_BURST, BROADCASTS_PER_SECOND } from '@mindfuse/protocol'
import { TokenBucket } from './token-bucket.ts'

/** The broadcasts of one connection: how many there were, and how many more it may send. */
export class BroadcastLedger {
  readonly rate = new TokenBucket(BROADCASTS_PER_SECOND, BROADCAST_BURST)
  #count = 0

  /** Counts one more, whatever becomes of it. @returns its number */
  count(): number {
    return ++this.#count
  }
}
