import {
  AWARENESS_BYTE_BURST,
  AWARENESS_BYTES_PER_SECOND,
  EDIT_BYTE_BURST,
  EDIT_BYTES_PER_SECOND,
} from '@mindfuse/protocol'
import { Allowance } from './allowance.ts'

/** Of each second of the event loop, and at once, milliseconds: for answers to sync step 1, for edits. */
const ANSWER_TIME_MS = { perSecond: 100, burst: 500 }
const EDIT_TIME_MS = { perSecond: 200, burst: 500 }

/** The same for frames of any kind that take little time each. */
const FRAME_TIME_MS = { perSecond: 250, burst: 250 }

const EDIT_BYTES = { perSecond: EDIT_BYTES_PER_SECOND, burst: EDIT_BYTE_BURST }
const AWARENESS_BYTES = { perSecond: AWARENESS_BYTES_PER_SECOND, burst: AWARENESS_BYTE_BURST }

/** What the connections of one person use on this gateway together, over all boards. */
export class Person {
  readonly userId: string
  connections = 0
  /** Of these, those that take edits of any size. */
  largeConnections = 0
  /** Their edits that are not stored yet; they outlive the connections. */
  unsavedBytes = 0
  unsavedUpdates = 0
  /** Memory of answers to sync step 1 that they have not read. */
  unreadDocumentBytes = 0
  /** Of everything else that they have not read, where it is much. */
  backlogBytes = 0
  /** Of the open boards that are counted as theirs. */
  boardBytes = 0
  /** Of their large awareness states. */
  largeAwarenessBytes = 0
  /** Bytes of new awareness, of all connections. */
  readonly awarenessBytes = new Allowance(AWARENESS_BYTES)
  /** To handle frames that take little time each, of all connections. */
  readonly frameTime = new Allowance(FRAME_TIME_MS)
  /** To build answers to sync step 1. */
  readonly answerTime = new Allowance(ANSWER_TIME_MS)
  /** To check and apply edits, of all connections. */
  readonly editTime = new Allowance(EDIT_TIME_MS)
  /** Of edits, of all connections. */
  readonly editBytes = new Allowance(EDIT_BYTES)

  constructor(userId: string) {
    this.userId = userId
  }

  /** Whether nothing is left to count. */
  get isIdle(): boolean {
    const { connections, unsavedUpdates, unreadDocumentBytes, backlogBytes, boardBytes } = this
    return connections + unsavedUpdates + unreadDocumentBytes + backlogBytes + boardBytes === 0
  }

  /** Whether their edits took so much, or were so many bytes, that a further one has to wait. */
  owesEdits(now: number): boolean {
    return this.editTime.isUsedUp(now) || this.editBytes.isUsedUp(now)
  }

  /** How long it takes until everything that they used is paid for, milliseconds. */
  owedMs(now: number): number {
    const { frameTime, answerTime, editTime, editBytes, awarenessBytes } = this
    const allowances = [frameTime, answerTime, editTime, editBytes, awarenessBytes]
    return Math.max(...allowances.map((allowance) => allowance.owedMs(now)))
  }
}
