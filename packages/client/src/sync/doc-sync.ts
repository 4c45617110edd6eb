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
import { REMOTE_ORIGIN } from './origins.ts'
import { Outbox } from './outbox.ts'
import { SaveLedger } from './save-ledger.ts'

/** Refusals after which the same edit may be accepted later. */
const TRANSIENT: readonly EditRefusal[] = [
  'rate_limited',
  'storage_unavailable',
  // Until somebody deletes something.
  'quota_exceeded',
]

/** Shortest delay before an edit that was refused temporarily is sent again, milliseconds. */
const MIN_RETRY_MS = 1_000

/** The handshake of a connection: each side sends the other its state vector. */
type Handshake =
  | { kind: 'disconnected' }
  /** The gateway's state vector has not arrived; until then edits stay in the document. */
  | { kind: 'joining'; limits: AnnouncedLimits; requests: number }
  | { kind: 'joined'; limits: AnnouncedLimits; requests: number; theirVector: Uint8Array }

/** What the sync of a document needs. */
export interface DocSyncDeps {
  doc: Doc
  send: (frame: Uint8Array) => boolean
  bufferedBytes: () => number
  random: () => number
  /** The document has everything that the gateway had when it was asked. */
  onSynced: () => void
  /** `isSaved` may have changed. */
  onSaved: () => void
}

/** Keeps a document in sync with the gateway's, and knows whether its edits are saved. */
export class DocSync {
  readonly #deps: DocSyncDeps
  readonly #ledger = new SaveLedger()
  #doc: Doc
  /** The previous document, which the application sees until the new one is complete. */
  #replaced: Doc | undefined
  readonly #outbox: Outbox
  #handshake: Handshake = { kind: 'disconnected' }
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

  /** Whether the server has stored every local edit. */
  get isSaved(): boolean {
    return this.#ledger.isSaved
  }

  /** The gateway sent hello: asks it for what the document lacks. */
  connected(limits: AnnouncedLimits): void {
    this.#handshake = { kind: 'joining', limits, requests: 0 }
    this.#request()
  }

  /** The connection is gone. */
  disconnected(): void {
    this.#handshake = { kind: 'disconnected' }
    this.#outbox.clear()
    this.#ledger.reset()
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#deps.onSaved()
  }

  /** A local edit. */
  edit(update: Uint8Array): void {
    if (this.#handshake.kind === 'joined') {
      this.#ledger.edited()
      this.#outbox.add(update)
    } else {
      this.#ledger.markUnsent()
    }
    this.#deps.onSaved()
  }

  /** The document has edits that the server may lack, such as those of an earlier page. */
  markUnsent(): void {
    this.#ledger.markUnsent()
    if (this.#handshake.kind === 'joined') this.#sendMissing(this.#handshake.theirVector)
    this.#deps.onSaved()
  }

  /**
   * Continues with another document, which lacks the unsaved edits. The previous one receives remote
   * edits until `onSynced`.
   */
  switchTo(doc: Doc): void {
    this.#replaced = this.#doc
    this.#doc = doc
    this.#outbox.clear()
    this.#ledger.discard()
    this.#request()
    this.#deps.onSaved()
  }

  /** Sends the pending edits now. */
  flush(): void {
    this.#outbox.flush()
  }

  /** Handles a sync frame of the gateway. */
  receive(frame: Frame, { canEdit }: { canEdit: boolean }): void {
    switch (frame.kind) {
      case 'sync-step-1':
        this.#answer(frame.stateVector, canEdit)
        break
      case 'sync-step-2':
        try {
          this.#apply(frame.update)
        } finally {
          // Even if an observer of the application throws.
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

  /** The gateway rejected an edit frame. */
  reject(seq: number, code: EditRefusal): void {
    this.#ledger.reject(seq)
    if (TRANSIENT.includes(code)) this.#retryLater()
    this.#deps.onSaved()
  }

  /** Asks the gateway for what the document lacks. */
  #request(): void {
    if (this.#handshake.kind === 'disconnected') return
    this.#handshake.requests++
    this.#deps.send(encodeSyncStep1(encodeStateVector(this.#doc)))
  }

  /** Sends the gateway what it lacks. */
  #answer(stateVector: Uint8Array, canEdit: boolean): void {
    if (this.#handshake.kind === 'disconnected') return
    const { limits, requests } = this.#handshake
    // It is a view of the frame.
    const theirVector = stateVector.slice()
    this.#handshake = { kind: 'joined', limits, requests, theirVector }
    if (canEdit) this.#sendMissing(theirVector)
  }

  #answered(): void {
    if (this.#handshake.kind === 'disconnected') return
    this.#handshake.requests--
    if (this.#handshake.requests > 0) return
    this.#replaced = undefined
    this.#deps.onSynced()
  }

  #apply(update: Uint8Array): void {
    applyUpdate(this.#doc, update, REMOTE_ORIGIN)
    if (this.#replaced) applyUpdate(this.#replaced, update, REMOTE_ORIGIN)
  }

  #sendMissing(stateVector: Uint8Array): void {
    this.#outbox.clear()
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#ledger.sentStep2()
    this.#deps.send(encodeSyncStep2(encodeStateAsUpdate(this.#doc, stateVector)))
  }

  #sendUpdate(update: Uint8Array): void {
    if (this.#handshake.kind !== 'joined') return
    // An edit that is too large for an update frame fits a sync step 2, which means the same.
    const { maxUpdateBytes } = this.#handshake.limits
    const encode = update.length > maxUpdateBytes ? encodeSyncStep2 : encodeUpdate
    this.#ledger.sentUpdate()
    this.#deps.send(encode(update))
  }

  #retryLater(): void {
    if (this.#retryTimer !== undefined) return
    const delay = MIN_RETRY_MS + fullJitter(this.#refusals++, this.#deps.random)
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined
      if (this.#handshake.kind === 'joined' && this.#ledger.hasUnsent) {
        this.#sendMissing(this.#handshake.theirVector)
      }
    }, delay)
  }
}
