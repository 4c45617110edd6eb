import {
  AWARENESS_BYTE_BURST,
  AWARENESS_BYTES_PER_SECOND,
  DRAFT_BYTE_BURST,
  DRAFT_BYTES_PER_SECOND,
  EDIT_BYTE_BURST,
  EDIT_BYTES_PER_SECOND,
} from '@mindfuse/protocol'
import { Allowance, type Rate } from './allowance.ts'

/** Of each second of the event loop, and at once, milliseconds: for answers to sync step 1 and to joins of channels, for edits. */
const ANSWER_TIME_MS: Rate = { perSecond: 100, burst: 500 }
const EDIT_TIME_MS: Rate = { perSecond: 200, burst: 500 }

/** The same for frames of any kind that take little time each. */
const FRAME_TIME_MS: Rate = { perSecond: 250, burst: 250 }

const EDIT_BYTES: Rate = { perSecond: EDIT_BYTES_PER_SECOND, burst: EDIT_BYTE_BURST }
const AWARENESS_BYTES: Rate = { perSecond: AWARENESS_BYTES_PER_SECOND, burst: AWARENESS_BYTE_BURST }
const DRAFT_BYTES: Rate = { perSecond: DRAFT_BYTES_PER_SECOND, burst: DRAFT_BYTE_BURST }

/** What the connections of one person use on this gateway together, over all boards. */
export class Person {
  readonly userId: string
  connections = 0
  /** Channels on these. */
  channels = 0
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
  // Each allowance is allocated at its first use, because most people only watch.
  #awarenessBytes: Allowance | undefined
  #draftBytes: Allowance | undefined
  #frameTime: Allowance | undefined
  #answerTime: Allowance | undefined
  #editTime: Allowance | undefined
  #editBytes: Allowance | undefined

  constructor(userId: string) {
    this.userId = userId
  }

  /** Whether nothing is left to count. */
  get isIdle(): boolean {
    const { connections, channels, unsavedUpdates, unreadDocumentBytes, backlogBytes, boardBytes } =
      this
    const sockets = connections + channels
    return sockets + unsavedUpdates + unreadDocumentBytes + backlogBytes + boardBytes === 0
  }

  /** Bytes of new awareness, of all connections. */
  get awarenessBytes(): Allowance {
    this.#awarenessBytes ??= new Allowance(AWARENESS_BYTES)
    return this.#awarenessBytes
  }

  /** Bytes of drafts, of all connections. */
  get draftBytes(): Allowance {
    this.#draftBytes ??= new Allowance(DRAFT_BYTES)
    return this.#draftBytes
  }

  /** To handle frames that take little time each, of all connections. */
  get frameTime(): Allowance {
    this.#frameTime ??= new Allowance(FRAME_TIME_MS)
    return this.#frameTime
  }

  /** To build answers to sync step 1, and to joins of channels. */
  get answerTime(): Allowance {
    this.#answerTime ??= new Allowance(ANSWER_TIME_MS)
    return this.#answerTime
  }

  /** To check and apply edits, of all connections. */
  get editTime(): Allowance {
    this.#editTime ??= new Allowance(EDIT_TIME_MS)
    return this.#editTime
  }

  /** Of edits, of all connections. */
  get editBytes(): Allowance {
    this.#editBytes ??= new Allowance(EDIT_BYTES)
    return this.#editBytes
  }

  /** Whether their edits took so much, or were so many bytes, that a further one has to wait. */
  owesEdits(now: number): boolean {
    return (this.#editTime?.isUsedUp(now) ?? false) || (this.#editBytes?.isUsedUp(now) ?? false)
  }

  /** How long it takes until everything that they used is paid for, milliseconds. */
  owedMs(now: number): number {
    const used = [
      this.#frameTime,
      this.#answerTime,
      this.#editTime,
      this.#editBytes,
      this.#awarenessBytes,
      this.#draftBytes,
    ]
    return Math.max(0, ...used.map((allowance) => allowance?.owedMs(now) ?? 0))
  }
}
