import { AWARENESS_BYTE_BURST, AWARENESS_BYTES_PER_SECOND } from '@mindfuse/protocol'
import { TokenBucket } from '../connection/token-bucket.ts'
import { TimeShare } from './time-share.ts'

/** What the connections of one person use on this gateway together, over all boards. */
export class Person {
  readonly userId: string
  connections = 0
  /** Their edits that are not stored yet; they outlive the connections. */
  unsavedBytes = 0
  unsavedUpdates = 0
  /** Memory of answers to sync step 1 that they have not read. */
  unreadDocumentBytes = 0
  /** Of the open boards that are counted as theirs. */
  boardBytes = 0
  /** Of their large awareness states. */
  largeAwarenessBytes = 0
  /** Bytes of new awareness, of all connections. */
  readonly awareness = new TokenBucket(AWARENESS_BYTES_PER_SECOND, AWARENESS_BYTE_BURST)
  /** To build such answers. */
  readonly answerTime = new TimeShare({ part: 0.1, burstMs: 2_000 })
  /** To check and apply edits, of all connections. */
  readonly editTime = new TimeShare({ part: 0.2, burstMs: 2_000 })

  constructor(userId: string) {
    this.userId = userId
  }

  /** Whether nothing is left to count. */
  get isIdle(): boolean {
    const { connections, unsavedUpdates, unreadDocumentBytes, boardBytes } = this
    return connections + unsavedUpdates + unreadDocumentBytes + boardBytes === 0
  }
}
