import { encodeUpdate } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'
import type { Edit } from '../document/edit.ts'
import type { Flushable } from '../flush-window.ts'
import type { DeliveryClock } from './delivery-clock.ts'
import { mergeEdits } from './merge-edits.ts'

/**
 * Most bytes of presence that one window hands to the members of a board. Where hundreds move on one
 * board every cursor to everybody is more than the line, or anybody's screen, can take: 500 people
 * who move 10 times a second are 250 MB/s. What is over waits, and only its newest state leaves.
 */
const MAX_PRESENCE_BYTES_PER_WINDOW = 4 * 1024 * 1024

/** Frames of presence or awareness, in their order. */
export interface PresenceFrames {
  frames: readonly Uint8Array[]
  /** Awareness is binary, presence is text. */
  isBinary: boolean
  /** How many of the first frames somebody knows already; everybody else knows none. */
  known?: ReadonlyMap<Connection, number>
}

/** Something whose newest state the members of a board are told once a window. */
export interface PresenceSource {
  /**
   * Takes what is to be told.
   * @param maxBytes how much a member may be sent; what is over stays for the next window, unless
   * it would be the first
   */
  take(maxBytes: number): PresenceFrames
  /** Whether there is something to take. */
  readonly hasNews: boolean
}

/** Past so many bytes the edits of a window are sent as they are: writes are not what costs then. */
const MAX_MERGED_BYTES = 64 * 1024

interface EditFrame {
  frame: Uint8Array
  except: Connection | undefined
}

/** An edit that waits for its window to end. */
interface PendingEdit extends EditFrame {
  edit: Edit
}

/**
 * What goes to everybody on a board: edits, presence and awareness. On a quiet board a frame leaves
 * at once; on a busy one frames gather for a window and leave as one write for each member, and the
 * edits in it as one update.
 */
export class BoardDelivery {
  readonly #members: ReadonlySet<Connection>
  readonly #clock: DeliveryClock
  readonly #sources: PresenceSource[] = []
  #edits: PendingEdit[] = []
  readonly #editFlush: Flushable = { flush: () => this.#send([]) }
  readonly #presenceFlush: Flushable = { flush: () => this.#sendPresence() }

  /** @param members the board's connections on this gateway */
  constructor(members: ReadonlySet<Connection>, clock: DeliveryClock) {
    this.#members = members
    this.#clock = clock
  }

  /** Adds a source of presence, which says by {@link offerPresence} when it has something. */
  add(source: PresenceSource): void {
    this.#sources.push(source)
  }

  /**
   * Sends an edit to everybody.
   * @param options.frame the frame of its update, where there is one already
   * @param options.except who does not get it
   */
  edit(
    edit: Edit,
    { frame = encodeUpdate(edit.update), except }: { frame?: Uint8Array; except?: Connection } = {},
  ): void {
    if (this.#members.size === 0) return
    this.#edits.push({ edit, frame, except })
    this.#clock.edits.offer(this.#editFlush)
  }

  /** Says that a source has something to tell. */
  offerPresence(): void {
    this.#clock.presence.offer(this.#presenceFlush)
  }

  #sendPresence(): void {
    const maxBytes = MAX_PRESENCE_BYTES_PER_WINDOW / Math.max(1, this.#members.size)
    const sources = this.#sources.filter(({ hasNews }) => hasNews)
    this.#send(sources.map((source) => source.take(maxBytes)))
    if (sources.some(({ hasNews }) => hasNews)) this.offerPresence()
  }

  #send(presence: readonly PresenceFrames[]): void {
    const edits = this.#edits
    this.#edits = []
    const told = presence.filter(({ frames }) => frames.length > 0)
    const presenceCount = told.reduce((sum, { frames }) => sum + frames.length, 0)
    if (edits.length + presenceCount === 0) return
    const merged = merge(edits)
    const senders = merged && new Set(edits.map(({ except }) => except))
    // A member whose close runs while we loop leaves the set; a Set's iterator bears that.
    for (const member of this.#members) {
      // Whoever drew gets the others' edits, so theirs stay apart.
      const due = senders?.has(member) ? edits : (merged ?? edits)
      // One frame alone is one write anyhow, and a cork costs half a microsecond.
      if (due.length + presenceCount === 1) sendTo(member, due, told)
      else member.cork(() => sendTo(member, due, told))
    }
  }
}

/** One update of all, unless there is no use in it. */
function merge(edits: readonly PendingEdit[]): EditFrame[] | undefined {
  if (edits.length < 2) return undefined
  const bytes = edits.reduce((sum, { frame }) => sum + frame.length, 0)
  if (bytes > MAX_MERGED_BYTES) return undefined
  const update = mergeEdits(edits.map(({ edit }) => edit))
  return update && [{ frame: encodeUpdate(update), except: undefined }]
}

function sendTo(
  member: Connection,
  edits: readonly EditFrame[],
  presence: readonly PresenceFrames[],
): void {
  for (const { frame, except } of edits) if (except !== member) member.send(frame)
  for (const { frames, isBinary, known } of presence) {
    for (let i = known?.get(member) ?? 0; i < frames.length; i++) {
      member.sendPresence(frames[i] as Uint8Array, isBinary)
    }
  }
}
