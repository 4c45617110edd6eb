import {
  DRAFT_BURST,
  DRAFTS_PER_SECOND,
  type DraftRefusal,
  MAX_DRAFT_BYTES,
  MAX_DRAFTS_PER_CONNECTION,
} from '@mindfuse/protocol'
import { TokenBucket } from '../connection/token-bucket.ts'
import type { SizedChange } from './sized-change.ts'

/** The drafts of one connection: how large each is, and how often they change. */
export class DraftLedger {
  readonly rate = new TokenBucket(DRAFTS_PER_SECOND, DRAFT_BURST)
  #bytes = new Map<string, number>()

  /** Counts changes, all of them or none. @returns why none */
  count(changes: readonly SizedChange[]): DraftRefusal | undefined {
    const after = new Map(this.#bytes)
    for (const { change, bytes } of changes) {
      if ('ended' in change) after.delete(change.id)
      else after.set(change.id, 'append' in change ? (after.get(change.id) ?? 0) + bytes : bytes)
    }
    if (after.size > MAX_DRAFTS_PER_CONNECTION) return 'too_many'
    const total = [...after.values()].reduce((sum, bytes) => sum + bytes, 0)
    if (total > MAX_DRAFT_BYTES) return 'too_large'
    this.#bytes = after
    return undefined
  }

  /** Ends all drafts. @returns their ids */
  end(): string[] {
    const ids = [...this.#bytes.keys()]
    this.#bytes.clear()
    return ids
  }
}
