import {
  type AnnouncedLimits,
  type EditRefusal,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
} from '@mindfuse/protocol'
import { type Doc, decodeStateVector } from 'yjs'
import { fullJitter } from '../backoff.ts'
import type { SentAt } from './conflicts.ts'
import { REMOTE_ORIGIN, STORE_ORIGIN } from './origins.ts'
import { Outbox } from './outbox.ts'
import { type Clocks, SaveLedger } from './save-ledger.ts'
import { adapt, contentFrom, contradicts, lackedBy, stateVectorUpTo } from './unsaved-edits.ts'

/** Refusals after which the same edit may be accepted later. */
const TRANSIENT: readonly EditRefusal[] = [
  'rate_limited',
  'storage_unavailable',
  // Until something is deleted.
  'quota_exceeded',
]

/** Shortest delay before an edit that was refused temporarily is sent again, milliseconds. */
const MIN_RETRY_MS = 1_000

/** The handshake of a connection: each side sends the other its state vector. */
type Handshake =
  | { kind: 'disconnected' }
  /**
   * Until it has the gateway's state vector, `theirs`, edits stay in the document. If the gateway has
   * something under ids of unsaved edits, it is compared first: until it has arrived.
   */
  | { kind: 'joining'; limits: AnnouncedLimits; requests: number; theirs?: Clocks }
  | { kind: 'joined'; limits: AnnouncedLimits; requests: number; theirs: Clocks }

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
  /** What new client ids are derived from. */
  secret: () => Uint8Array
  /** The document has everything that the gateway had when it was asked. */
  onSynced: () => void
  /** `isSaved` may have changed. */
  onSaved: () => void
  /** What the gateway lacks is too large for a frame. It stays unsent. */
  onTooLarge: () => void
  /** Another client used ids of local edits: the document has to be rebuilt. */
  onContradiction: () => void
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
  /** The document has something else than the server under the same ids, and receives no more. */
  #isStale = false
  readonly #outbox: Outbox
  #handshake: Handshake = { kind: 'disconnected' }
  /** What the gateway lacks did not fit into a frame: edits wait, as each would leave a gap there. */
  #isOverLimit = false
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
    if (this.#handshake.kind === 'joined' && !this.#isHeld && !this.#isOverLimit) {
      this.#ledger.edited(update)
      this.#outbox.add(update)
    } else {
      this.#ledger.markUnsent([update])
      // It may have deleted what is too large.
      if (this.#isOverLimit) this.#retryLater()
    }
    this.#deps.onSaved()
  }

  /**
   * Applies what an earlier page or another tab stored, of which the server may lack `unsaved`.
   *
   * @returns all unsaved edits if some got other ids
   */
  restore(known: readonly Uint8Array[], unsaved: readonly Uint8Array[]) {
    this.#replica.apply(known, STORE_ORIGIN)
    if (unsaved.length === 0) return undefined
    // What is held is adapted to a new document once that has the server's state.
    const edits = this.#isHeld ? unsaved : this.#adapt(unsaved, () => 'unknown')
    if (!this.#isHeld) this.#replica.apply(edits, STORE_ORIGIN)
    this.#ledger.markUnsent(edits, 'unknown')
    this.sendUnsent()
    this.#deps.onSaved()
    return edits === unsaved ? undefined : this.#ledger.updates
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
    this.#isStale = false
    this.#isOverLimit = false
    this.#request()
    this.#deps.onSaved()
  }

  /**
   * Applies the held edits to the new document and sends them.
   *
   * @returns them, or nothing if the document failed on one, which is then dropped
   */
  replay(): readonly Uint8Array[] | undefined {
    const edits = this.#ledger.updates
    const adapted = this.#adapt(edits, this.#sentAt)
    for (const [i, update] of adapted.entries()) {
      this.#replica.apply([update], STORE_ORIGIN)
      if (!this.#replica.hasFailed) continue
      this.#ledger.drop(edits[i] as Uint8Array)
      return undefined
    }
    if (adapted !== edits) this.#ledger.replace(adapted)
    this.#isHeld = false
    this.sendUnsent()
    return adapted
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

  /** Sends edits again that were rejected, if there are any. */
  sendUnsent(): void {
    if (this.#handshake.kind !== 'joined' || this.#isHeld || !this.#ledger.hasUnsent) return
    this.#sendMissing(this.#handshake.theirs)
  }

  /** Asks the gateway for what the document lacks, and what it has under the ids of unsaved edits. */
  #request(): void {
    if (this.#handshake.kind === 'disconnected') return
    this.#handshake.requests++
    this.#deps.send(encodeSyncStep1(stateVectorUpTo(this.#replica.doc, this.#ledger.clocks)))
  }

  /** Sends the gateway what it lacks. */
  #answer(stateVector: Uint8Array, canEdit: boolean): void {
    if (this.#handshake.kind === 'disconnected') return
    const { limits, requests } = this.#handshake
    const theirs = decodeStateVector(stateVector)
    if (canEdit) this.#ledger.lacks(lackedBy(theirs, this.#replica.doc))
    if (canEdit && requests > 0 && this.#hasUnsaved(theirs)) {
      this.#handshake = { kind: 'joining', limits, requests, theirs }
      return
    }
    this.#handshake = { kind: 'joined', limits, requests, theirs }
    if (canEdit && !this.#isHeld) this.#sendMissing(theirs)
  }

  #answered(): void {
    if (this.#handshake.kind === 'disconnected') return
    this.#handshake.requests--
    if (this.#handshake.requests > 0) return
    this.#replaced = undefined
    const { limits, requests, theirs } = this.#handshake
    if (theirs) this.#handshake = { kind: 'joined', limits, requests, theirs }
    this.sendUnsent()
    this.#deps.onSynced()
  }

  /** Whether a state vector has something under the ids of unsaved edits: mostly these edits. */
  #hasUnsaved(theirs: Clocks): boolean {
    const { clocks } = this.#ledger
    return [...clocks].some(([client, clock]) => (theirs.get(client) ?? 0) > clock)
  }

  readonly #sentAt: SentAt = (client, clock) => this.#ledger.sentAt(client, clock)

  #adapt(edits: readonly Uint8Array[], sentAt: SentAt): readonly Uint8Array[] {
    return adapt(edits, this.#replica.doc, this.#deps.secret(), sentAt)
  }

  #apply(update: Uint8Array): void {
    if (this.#isStale || this.#replica.hasFailed) return
    const { doc } = this.#replica
    const own = new Set([doc.clientID, ...this.#ledger.clocks.keys()])
    const ours = contradicts(doc, update, own, this.#sentAt)
    if (ours) {
      this.#isStale = true
      this.#ledger.keep(ours)
      this.#deps.onContradiction()
      return
    }
    this.#replica.apply([update], REMOTE_ORIGIN)
    this.#replaced?.apply([update], REMOTE_ORIGIN)
  }

  /**
   * Sends what the gateway may lack: of what it lacked when it sent its state vector, and of local edits,
   * all that is not saved. The rest of the document came from the gateway since.
   */
  #sendMissing(theirs: Clocks): void {
    this.#outbox.clear()
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    const missing = new Map<number, number>()
    for (const [client, clock] of this.#ledger.missing) {
      missing.set(client, Math.max(clock, theirs.get(client) ?? 0))
    }
    const update = contentFrom(this.#replica.doc, missing)
    if (this.#isTooLarge(update)) return
    this.#ledger.sentStep2()
    this.#deps.send(encodeSyncStep2(update))
  }

  /** A larger frame would end the connection, and the next one too. */
  #isTooLarge({ length }: Uint8Array): boolean {
    if (this.#handshake.kind === 'disconnected') return false
    this.#isOverLimit = length > this.#handshake.limits.maxSyncStep2Bytes
    if (!this.#isOverLimit) return false
    this.#ledger.hold()
    this.#deps.onTooLarge()
    return true
  }

  #sendUpdate(update: Uint8Array): void {
    if (this.#handshake.kind !== 'joined' || this.#isTooLarge(update)) return
    // Gateways of earlier releases take a large edit as a sync step 2 only, which means the same.
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
      this.sendUnsent()
    }, delay)
  }
}
