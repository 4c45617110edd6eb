import {
  canEdit,
  type DraftChange,
  type DraftRefusal,
  MAX_DRAFT_BYTES,
  MAX_DRAFT_BYTES_PER_BOARD,
  mergeDraftChanges,
  type SentDraft,
  sentDraftSchema,
} from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import { Type } from 'typebox'
import type { Connection } from '../connection/connection.ts'
import type { BoardDelivery, PresenceFrames, PresenceSource } from '../delivery/board-delivery.ts'
import type { People } from '../person/people.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { RELAY_KINDS } from '../relay/envelope.ts'
import { createJsonReader } from '../relay/json-reader.ts'
import { DraftLedger } from './draft-ledger.ts'
import { type SizedChange, sizeOf } from './sized-change.ts'

const readRelayed = createJsonReader<SentDraft[]>(Type.Array(sentDraftSchema))

/** What the drafts of a board need from its room. */
export interface BoardDraftsDeps {
  boardId: string
  delivery: BoardDelivery
  relay: BoardRelay
  people: Pick<People, 'find'>
  log: Logger
  /** What became of each message of a client. */
  onOutcome: (outcome: 'accepted' | DraftRefusal) => void
}

/** What is new of a draft and was not sent yet. */
interface PendingDraft extends SentDraft, SizedChange {
  /** Its connection, if that is on this gateway. */
  origin: Connection | undefined
}

/**
 * What is being drawn on a board: it passes through, and is never stored. What is new is collected for a window,
 * one change of each draft, and encoded once for all members and the other gateways. Clients send all of their
 * drafts each second, which repairs what a reader missed, and shows them to those who joined.
 */
export class BoardDrafts implements PresenceSource {
  readonly #deps: BoardDraftsDeps
  readonly #ledgers = new Map<Connection, DraftLedger>()
  /** By connection and draft, the longest deferred first. */
  readonly #pending = new Map<string, PendingDraft>()
  #pendingBytes = 0

  constructor(deps: BoardDraftsDeps) {
    this.#deps = deps
    deps.delivery.addDrafts(this)
  }

  /**
   * Receives a message about a connection's drafts: all of it, or nothing.
   * @param bytes its size
   * @param read reads it, which takes milliseconds: only once it may count. It may throw MalformedFrameError
   */
  receive(from: Connection, bytes: number, read: () => readonly DraftChange[]): void {
    const accepted = this.#refuse(from, bytes) ?? this.#check(from, read())
    const isAccepted = typeof accepted !== 'string'
    this.#deps.onOutcome(isAccepted ? 'accepted' : accepted)
    if (isAccepted) this.#putOwn(from, accepted)
    else from.sendMessage({ type: 'draft:rejected', code: accepted })
  }

  /** Receives what another gateway relayed of its connections. */
  receiveRelayed(payload: Uint8Array): void {
    const drafts = readRelayed(Buffer.from(payload).toString())
    if (!drafts) {
      const { boardId, log } = this.#deps
      log.warn({ boardId }, 'relayed drafts cannot be read')
      return
    }
    for (const draft of drafts) {
      const sized = sizeOf(draft.change)
      // All of it follows within a second.
      if (sized && this.#hasRoomFor(sized.bytes))
        this.#put({ ...draft, ...sized, origin: undefined })
    }
    this.#deps.delivery.scheduleDrafts()
  }

  /** A connection of this gateway may not edit any longer. */
  end(connection: Connection): void {
    const ids = this.#ledgers.get(connection)?.end() ?? []
    if (ids.length === 0) return
    const changes = ids.map((id) => ({ change: { id, ended: true as const }, bytes: 0 }))
    this.#putOwn(connection, changes)
  }

  /** A connection of this gateway ended. */
  leave(connection: Connection): void {
    this.end(connection)
    this.#ledgers.delete(connection)
  }

  get hasPending(): boolean {
    return this.#pending.size > 0
  }

  take(maxBytes: number): PresenceFrames {
    const texts: string[] = []
    const own: string[] = []
    const origins = new Set<Connection | undefined>()
    let bytes = 0
    for (const [key, draft] of this.#pending) {
      const text = encodeDraft(draft)
      bytes += text.length
      if (bytes > maxBytes && texts.length > 0) break
      this.#pending.delete(key)
      this.#pendingBytes -= draft.bytes
      texts.push(text)
      origins.add(draft.origin)
      if (draft.origin) own.push(text)
    }
    if (own.length > 0) {
      const relayed = () => Buffer.from(`[${own.join(',')}]`)
      this.#deps.relay.sendUnlessAlone(RELAY_KINDS.DRAFTS, relayed)
    }
    const frame = Buffer.from(`{"type":"draft:sync","drafts":[${texts.join(',')}]}`)
    const [origin] = origins
    // Its sender needs no copy of a frame that has nothing of others.
    const isOfOne = origin && origins.size === 1
    return { frames: [frame], kind: 'draft', ...(isOfOne && { known: new Map([[origin, 1]]) }) }
  }

  /** Checks permission first: a client without it must not use up what its person may send. */
  #refuse(from: Connection, bytes: number): DraftRefusal | undefined {
    if (!canEdit(from.role)) return 'forbidden'
    if (bytes > MAX_DRAFT_BYTES) return 'too_large'
    const allowance = this.#deps.people.find(from.userId)?.draftBytes
    const isWithinRates = this.#ledgerOf(from).rate.take() && (allowance?.take(bytes) ?? true)
    return isWithinRates && this.#hasRoomFor(bytes) ? undefined : 'rate_limited'
  }

  #check(from: Connection, changes: readonly DraftChange[]): SizedChange[] | DraftRefusal {
    const sized = changes.map(sizeOf).filter((change) => change !== undefined)
    if (sized.length < changes.length) return 'too_large'
    return this.#ledgerOf(from).count(sized) ?? sized
  }

  #ledgerOf(connection: Connection): DraftLedger {
    const known = this.#ledgers.get(connection)
    if (known) return known
    const ledger = new DraftLedger()
    this.#ledgers.set(connection, ledger)
    return ledger
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#pendingBytes + bytes <= MAX_DRAFT_BYTES_PER_BOARD
  }

  #putOwn(origin: Connection, changes: readonly SizedChange[]): void {
    const { id: connectionId, user } = origin
    for (const sized of changes) this.#put({ ...sized, connectionId, user, origin })
    this.#deps.delivery.scheduleDrafts()
  }

  /** Merges it with what is pending of the same draft. */
  #put(draft: PendingDraft): void {
    const key = `${draft.connectionId} ${draft.change.id}`
    const earlier = this.#pending.get(key)
    const isAppended = earlier && 'append' in draft.change
    const change = earlier ? mergeDraftChanges(earlier.change, draft.change) : draft.change
    const user = draft.user ?? earlier?.user
    const bytes = draft.bytes + (isAppended ? earlier.bytes : 0)
    this.#pendingBytes += bytes - (earlier?.bytes ?? 0)
    this.#pending.set(key, { ...draft, ...(user && { user }), change, bytes })
  }
}

function encodeDraft({ connectionId, user, change }: PendingDraft): string {
  return JSON.stringify({ connectionId, ...('value' in change && { user }), change })
}
