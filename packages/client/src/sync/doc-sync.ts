import {
  type AnnouncedLimits,
  type EditRefusal,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
} from '@mindfuse/protocol'
import { applyUpdate, type Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { fullJitter } from '../backoff.ts'
import { Outbox } from './outbox.ts'
import { SaveLedger } from './save-ledger.ts'

/** The origin of transactions that bring what others drew. */
export const REMOTE_ORIGIN = Symbol('mindfuse:remote')

/** Refusals after which the same edit may be accepted another time. */
const TRANSIENT: readonly EditRefusal[] = ['rate_limited', 'storage_unavailable']

/** Before what was refused for the moment is brought again, milliseconds at least. */
const MIN_RETRY_MS = 1_000

/** Whether the line's two exchanges took place: each side told the other what it has. */
type Exchange =
  | { kind: 'down' }
  /** Waits for the gateway to say what it has; until then edits only gather. */
  | { kind: 'joining'; limits: AnnouncedLimits; asked: number }
  | { kind: 'open'; limits: AnnouncedLimits; asked: number; theirVector: Uint8Array }

/** What the sync of a document needs. */
export interface DocSyncDeps {
  doc: Doc
  send: (frame: Uint8Array) => boolean
  bufferedBytes: () => number
  random: () => number
  /** Everything the gateway had when it was asked is here. */
  onSynced: () => void
  /** `isSaved` may have changed. */
  onSaved: () => void
}

/** Keeps a document the same as the gateway's, and knows what of it is stored. */
export class DocSync {
  readonly #deps: DocSyncDeps
  readonly #ledger = new SaveLedger()
  #doc: Doc
  /** What is shown until the document that replaces it has arrived. */
  #replaced: Doc | undefined
  readonly #outbox: Outbox
  #exchange: Exchange = { kind: 'down' }
  #refusals = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined

  constructor(deps: DocSyncDeps) {
    this.#deps = deps
    this.#doc = deps.doc
    this.#outbox = new Outbox({
      send: (update) => this.#sendUpdate(update),
      bufferedBytes: deps.bufferedBytes,
    })
  }

  /** Whether PostgreSQL has everything that was drawn here. */
  get isSaved(): boolean {
    return this.#ledger.isSaved
  }

  /** The gateway said hello: asks it for what the document lacks. */
  open(limits: AnnouncedLimits): void {
    this.#exchange = { kind: 'joining', limits, asked: 0 }
    this.ask()
  }

  /** Asks the gateway for what the document lacks. */
  ask(): void {
    if (this.#exchange.kind === 'down') return
    this.#exchange.asked++
    this.#deps.send(encodeSyncStep1(encodeStateVector(this.#doc)))
  }

  /** The line is gone. */
  close(): void {
    this.#exchange = { kind: 'down' }
    this.#outbox.clear()
    this.#ledger.reset()
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#deps.onSaved()
  }

  /** Somebody drew here. */
  edit(update: Uint8Array): void {
    if (this.#exchange.kind === 'open') {
      this.#ledger.edited()
      this.#outbox.add(update)
    } else {
      this.#ledger.owe()
    }
    this.#deps.onSaved()
  }

  /** The document holds something that may not be stored, as edits of an earlier page. */
  owe(): void {
    this.#ledger.owe()
    if (this.#exchange.kind === 'open') this.#bring(this.#exchange.theirVector)
    this.#deps.onSaved()
  }

  /**
   * Goes on with another document, which lacks what was drawn and not stored. The one before keeps
   * hearing of others' edits until `onSynced`.
   */
  startOver(doc: Doc): void {
    this.#replaced = this.#doc
    this.#doc = doc
    this.#outbox.clear()
    this.#ledger.discard()
    this.ask()
    this.#deps.onSaved()
  }

  /** Sends what still gathers. */
  flush(): void {
    this.#outbox.flush()
  }

  /** Takes in what the gateway says of the document. */
  receive(frame: Frame, { mayEdit }: { mayEdit: boolean }): void {
    switch (frame.kind) {
      case 'sync-step-1':
        this.#answer(frame.stateVector, mayEdit)
        break
      case 'sync-step-2':
        try {
          this.#apply(frame.update)
        } finally {
          // Also where an observer of the application throws.
          this.#answered()
        }
        break
      case 'update':
        this.#apply(frame.update)
        break
    }
  }

  acknowledge(saved: number): void {
    this.#ledger.acknowledge(saved)
    if (this.#ledger.isSaved) this.#refusals = 0
    this.#deps.onSaved()
  }

  /** The gateway refused an edit frame. */
  refuse(seq: number, code: EditRefusal): void {
    this.#ledger.refuse(seq)
    if (TRANSIENT.includes(code)) this.#retryLater()
    this.#deps.onSaved()
  }

  /** The gateway says what it has: it gets the rest. */
  #answer(stateVector: Uint8Array, mayEdit: boolean): void {
    if (this.#exchange.kind === 'down') return
    const { limits, asked } = this.#exchange
    // The bytes are the frame's.
    const theirVector = stateVector.slice()
    this.#exchange = { kind: 'open', limits, asked, theirVector }
    if (mayEdit) this.#bring(theirVector)
  }

  #answered(): void {
    if (this.#exchange.kind === 'down') return
    this.#exchange.asked--
    if (this.#exchange.asked > 0) return
    this.#replaced = undefined
    this.#deps.onSynced()
  }

  #apply(update: Uint8Array): void {
    applyUpdate(this.#doc, update, REMOTE_ORIGIN)
    if (this.#replaced) applyUpdate(this.#replaced, update, REMOTE_ORIGIN)
  }

  #bring(stateVector: Uint8Array): void {
    this.#outbox.clear()
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#ledger.sentStep2()
    this.#deps.send(encodeSyncStep2(encodeStateAsUpdate(this.#doc, stateVector)))
  }

  #sendUpdate(update: Uint8Array): void {
    if (this.#exchange.kind !== 'open') return
    // What is too large for an update still fits a sync step 2, which says the same.
    const { maxUpdateBytes } = this.#exchange.limits
    const encode = update.length > maxUpdateBytes ? encodeSyncStep2 : encodeUpdate
    this.#ledger.sentUpdate()
    this.#deps.send(encode(update))
  }

  #retryLater(): void {
    if (this.#retryTimer !== undefined) return
    const delay = MIN_RETRY_MS + fullJitter(this.#refusals++, this.#deps.random)
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined
      if (this.#exchange.kind === 'open' && this.#ledger.isOwed) {
        this.#bring(this.#exchange.theirVector)
      }
    }, delay)
  }
}
