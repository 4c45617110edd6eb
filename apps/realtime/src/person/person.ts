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
