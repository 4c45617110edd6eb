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
  /** Until when the time that such answers took is paid for, as `performance.now` counts. */
  answersPaidUntil = 0

  constructor(userId: string) {
    this.userId = userId
  }

  /** Whether nothing is left to count. */
  get isIdle(): boolean {
    const { connections, unsavedUpdates, unreadDocumentBytes, boardBytes } = this
    return connections + unsavedUpdates + unreadDocumentBytes + boardBytes === 0
  }
}
