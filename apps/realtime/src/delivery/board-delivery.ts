import { encodeUpdate } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import type { StateKind } from '../connection/traffic.ts'
import type { DocumentFrame } from '../document/document-frame.ts'
import type { Edit } from '../document/edit.ts'
import type { Flushable } from '../flush-window.ts'
import type { DeliveryClock } from './delivery-clock.ts'
import { mergeEdits } from './merge-edits.ts'

/**
 * Most bytes of presence that one window sends to all members of a board. With hundreds of people on
 * one board, every cursor to everybody is more than a network or a screen can take: 500 people who
 * move 10 times a second are 250 MB/s. The rest is deferred to the next window, and only its newest
 * state is sent.
 */
const MAX_PRESENCE_BYTES_PER_WINDOW = 4 * 1024 * 1024

/** Frames of presence, awareness or drafts, in their order. */
export interface PresenceFrames {
  frames: readonly Uint8Array[]
  kind: StateKind
  /** How many of the first frames a member knows already; members not listed know none. */
  known?: ReadonlyMap<Connection, number>
}

/** A source of states, the newest of which are sent to the members of a board once a window. */
export interface PresenceSource {
  /**
   * Takes what is to be sent.
   * @param maxBytes how much one member may be sent, but at least one state; the rest is deferred to
   * the next window
   */
  take(maxBytes: number): PresenceFrames
  /** Whether there is something to take. */
  readonly hasPending: boolean
}

/** Beyond this size the edits of a window are not merged: their writes are not what costs then. */
const MAX_MERGED_BYTES = 64 * 1024

interface EditFrame {
  frame: Uint8Array | undefined
  /** Instead, of a large edit: in memory once, however many members are still reading it. */
  large: DocumentFrame | undefined
  except: Connection | undefined
}

/** An edit of the current window. */
interface PendingEdit extends EditFrame {
  edit: Edit
}

/**
 * Sends edits, presence and awareness to all members of a board. On a quiet board a frame is sent at
 * once; on a busy one the frames of a window are batched into one write for each member, and its
 * edits into one update.
 */
export class BoardDelivery {
  readonly #members: ReadonlySet<Connection>
  readonly #clock: DeliveryClock
  readonly #presence: PresenceSource[] = []
  readonly #drafts: PresenceSource[] = []
  #edits: PendingEdit[] = []
  readonly #editFlush: Flushable = { flush: () => this.#send([]) }
  readonly #presenceFlush: Flushable = { flush: () => this.#sendPresence() }
  readonly #draftFlush: Flushable = { flush: () => this.#sendStates(this.#drafts) }

  /** @param members the board's connections on this gateway */
  constructor(members: ReadonlySet<Connection>, clock: DeliveryClock) {
    this.#members = members
    this.#clock = clock
  }

  /** Adds a source of presence, which calls {@link schedulePresence} when it has something. */
  addSource(source: PresenceSource): void {
    this.#presence.push(source)
  }

  /** Adds a source of drafts, which calls {@link scheduleDrafts} when it has something. */
  addDrafts(source: PresenceSource): void {
    this.#drafts.push(source)
  }

  /**
   * Sends an edit to all members.
   * @param options.frame the frame of its update, if it is encoded already
   * @param options.except the member that does not get it
   */
  sendEdit(
    edit: Edit,
    {
      frame = encodeUpdate(edit.update),
      except,
    }: { frame?: Uint8Array | undefined; except?: Connection | undefined } = {},
  ): void {
    if (this.#members.size === 0) return
    this.#edits.push({ edit, frame, large: undefined, except })
    this.#clock.edits.offer(this.#editFlush)
  }

  /** Sends a large edit to all members, as fast as each takes it. */
  sendLargeEdit(edit: Edit, large: DocumentFrame, except?: Connection): void {
    if (this.#members.size === 0) return
    this.#edits.push({ edit, frame: undefined, large, except })
    this.#clock.edits.offer(this.#editFlush)
  }

  /** Sends what the sources have, now or when the window ends. */
  schedulePresence(): void {
    this.#clock.presence.offer(this.#presenceFlush)
  }

  /**
   * Sends drafts, now or when their window ends. That is a window of their own, so that the cursor of who draws does not
   * defer them, but on a busy gateway that of presence, for fewer writes.
   */
  scheduleDrafts(): void {
    const { presence } = this.#clock
    presence.offer(presence.isEager ? this.#draftFlush : this.#presenceFlush)
  }

  #sendPresence(): void {
    const { isEager } = this.#clock.presence
    this.#sendStates(isEager ? this.#presence : [...this.#presence, ...this.#drafts])
  }

  #sendStates(sources: readonly PresenceSource[]): void {
    const maxBytes = MAX_PRESENCE_BYTES_PER_WINDOW / Math.max(1, this.#members.size)
    const due = sources.filter(({ hasPending }) => hasPending)
    this.#send(due.map((source) => source.take(maxBytes)))
    if (this.#presence.some(({ hasPending }) => hasPending)) this.schedulePresence()
    if (this.#drafts.some(({ hasPending }) => hasPending)) this.scheduleDrafts()
  }

  #send(presence: readonly PresenceFrames[]): void {
    const edits = this.#edits
    this.#edits = []
    const states = presence.filter(({ frames }) => frames.length > 0)
    const presenceCount = states.reduce((sum, { frames }) => sum + frames.length, 0)
    if (edits.length + presenceCount === 0) return
    const merged = merge(edits)
    const senders = merged && new Set(edits.map(({ except }) => except))
    // A member whose close runs while we loop leaves the set; a Set's iterator bears that.
    for (const member of this.#members) {
      // A sender gets the edits of the others only, so these are not merged for it.
      const due = senders?.has(member) ? edits : (merged ?? edits)
      // A single frame is one write anyhow, and a cork costs half a microsecond.
      if (due.length + presenceCount === 1) sendTo(member, due, states)
      else member.cork(() => sendTo(member, due, states))
    }
  }
}

/** All edits as one update, if that pays. */
function merge(edits: readonly PendingEdit[]): EditFrame[] | undefined {
  if (edits.length < 2) return undefined
  const bytes = edits.reduce((sum, { edit }) => sum + edit.update.length, 0)
  if (bytes > MAX_MERGED_BYTES) return undefined
  const update = mergeEdits(edits.map(({ edit }) => edit))
  return update && [{ frame: encodeUpdate(update), large: undefined, except: undefined }]
}

function sendTo(
  member: Connection,
  edits: readonly EditFrame[],
  presence: readonly PresenceFrames[],
): void {
  for (const { frame, large, except } of edits) {
    if (except === member) continue
    if (frame) member.send(frame)
    else if (large) member.sendLargeEdit(large)
  }
  for (const { frames, kind, known } of presence) {
    for (let i = known?.get(member) ?? 0; i < frames.length; i++) {
      member.sendPresence(frames[i] as Uint8Array, kind)
    }
  }
}
