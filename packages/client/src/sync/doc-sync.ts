import {
  type AnnouncedLimits,
  type EditRefusal,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
} from '@mindfuse/protocol'
import { type Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { fullJitter } from '../backoff.ts'
import { REMOTE_ORIGIN, STORE_ORIGIN } from './origins.ts'
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

/** As much of a replica as its sync takes. */
export interface SyncedReplica {
  readonly doc: Doc
  readonly hasFailed: boolean
  apply(updates: readonly Uint8Array[], origin: symbol): void
}

/** What the sync of a document needs. */
export interface DocSyncDeps {
  replica: SyncedReplica
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
  #replica: SyncedReplica
  /** The previous document, which the application sees until the new one is complete. */
  #replaced: SyncedReplica | undefined
  /** Edits are kept for a new document, and not sent before it has them. */
  #isHeld = false
  readonly #outbox: Outbox
  #handshake: Handshake = { kind: 'disconnected' }
  #refusals = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined

  constructor(deps: DocSyncDeps) {
    this.#deps = deps
    this.#replica = deps.replica
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
    if (this.#handshake.kind === 'joined' && !this.#isHeld) {
      this.#ledger.edited(update)
      this.#outbox.add(update)
    } else {
      this.#ledger.markUnsent([update])
    }
    this.#deps.onSaved()
  }

  /** The document has edits that the server may lack, such as those of an earlier page. */
  markUnsent(updates: readonly Uint8Array[]): void {
    this.#ledger.markUnsent(updates)
    this.#sendUnsent()
    this.#deps.onSaved()
  }

  /** Keeps the unsaved edits for a new document, and sends nothing until {@link replay}. */
  hold(): void {
    this.#isHeld = true
    this.#outbox.clear()
    this.#ledger.hold()
    this.#deps.onSaved()
  }

  /**
   * Continues with another document, which lacks the unsaved edits. Unless these are held, they are
   * discarded, and the previous document receives remote edits until `onSynced`.
   */
  switchTo(replica: SyncedReplica): void {
    if (!this.#isHeld) {
      this.#replaced = this.#replica
      this.#outbox.clear()
      this.#ledger.discard()
    }
    this.#replica = replica
    this.#request()
    this.#deps.onSaved()
  }

  /**
   * Applies the held edits to the new document and sends them.
   *
   * @returns them, or nothing if the document failed on one, which is then dropped
   */
  replay(): readonly Uint8Array[] | undefined {
    const { updates } = this.#ledger
    for (const update of updates) {
      this.#replica.apply([update], STORE_ORIGIN)
      if (!this.#replica.hasFailed) continue
      this.#ledger.replace(updates.filter((other) => other !== update))
      return undefined
    }
    this.#isHeld = false
    this.#sendUnsent()
    return updates
  }

  /** Drops the held edits. @returns whether edits were held */
  discardHeld(): boolean {
    if (!this.#isHeld) return false
    this.#isHeld = false
    this.#ledger.discard()
    this.#deps.onSaved()
    return true
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
    this.#deps.send(encodeSyncStep1(encodeStateVector(this.#replica.doc)))
  }

  /** Sends the gateway what it lacks. */
  #answer(stateVector: Uint8Array, canEdit: boolean): void {
    if (this.#handshake.kind === 'disconnected') return
    const { limits, requests } = this.#handshake
    // It is a view of the frame.
    const theirVector = stateVector.slice()
    this.#handshake = { kind: 'joined', limits, requests, theirVector }
    if (canEdit && !this.#isHeld) this.#sendMissing(theirVector)
  }

  #answered(): void {
    if (this.#handshake.kind === 'disconnected') return
    this.#handshake.requests--
    if (this.#handshake.requests > 0) return
    this.#replaced = undefined
    this.#deps.onSynced()
  }

  #apply(update: Uint8Array): void {
    this.#replica.apply([update], REMOTE_ORIGIN)
    this.#replaced?.apply([update], REMOTE_ORIGIN)
  }

  #sendMissing(stateVector: Uint8Array): void {
    this.#outbox.clear()
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#ledger.sentStep2()
    this.#deps.send(encodeSyncStep2(encodeStateAsUpdate(this.#replica.doc, stateVector)))
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
      this.#sendUnsent()
    }, delay)
  }

  #sendUnsent(): void {
    if (this.#handshake.kind !== 'joined' || this.#isHeld || !this.#ledger.hasUnsent) return
    this.#sendMissing(this.#handshake.theirVector)
  }
}
