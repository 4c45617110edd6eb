import { Histogram } from './histogram.ts'
import type { Stream } from './stream.ts'
import type { Layout } from './targets.ts'

/** What comes later than this after it was due counts as not delivered, milliseconds. */
const DEADLINE_MS = 5_000

/** What of a stream counts. */
export interface WatchOptions {
  /** What is due from here on, and before there: milliseconds after the start. */
  fromMs: number
  toMs: number
  /** Whose items count for which reader's latency; all people's by default. */
  counts?: (reader: number, person: number) => boolean
}

/**
 * Who saw what of a stream, and how long after it was due.
 *
 * A reader has seen a cursor's state when it saw that or a newer one of the same person: a server may
 * leave out states that are out of date. An edit it has seen when it saw just that.
 */
export class Watch {
  readonly #stream: Stream
  readonly #layout: Layout
  readonly #options: WatchOptions
  /** By reader and sender: the number of the next item that was not seen. */
  readonly #next: Int32Array
  readonly latency = new Histogram()
  /** States or edits that reached a reader and were new to it, each once. */
  received = 0
  /** Edits that came although one before them had not. */
  holes = 0

  constructor(stream: Stream, layout: Layout, options: WatchOptions) {
    this.#stream = stream
    this.#layout = layout
    this.#options = options
    this.#next = new Int32Array(layout.boards * layout.perBoard * stream.plan.senders)
    this.#next.fill(stream.firstNumber)
  }

  /** @param nowMs milliseconds after the start */
  see(reader: number, person: number, from: number, to: number, nowMs: number): void {
    const { senders, kind } = this.#stream.plan
    const slot = this.#stream.slotOf(person)
    if (reader === person || person < 0 || slot < 0 || slot >= senders) return
    const place = reader * senders + slot
    const next = this.#next[place] as number
    if (to <= next) return
    const firstNew = Math.max(from, next)
    if (kind === 'edit' && from > next) this.holes++
    this.received += to - firstNew
    this.#next[place] = to
    if (!this.#isCounted(reader, person)) return
    for (let number = kind === 'edit' ? firstNew : next; number < to; number++) {
      const dueAt = this.#stream.dueAt(person, number)
      if (!this.#isInWindow(dueAt)) continue
      const latency = nowMs - dueAt
      if (latency <= DEADLINE_MS) this.latency.record(latency)
    }
  }

  /** How many items are due in the window, once for each who is to see them. */
  expected(): number {
    let due = 0
    this.#stream.forEachDue((person, dueAt) => {
      if (!this.#isInWindow(dueAt)) return
      const first = person - (person % this.#layout.perBoard)
      for (let reader = first; reader < first + this.#layout.perBoard; reader++) {
        if (reader !== person && this.#isCounted(reader, person)) due++
      }
    })
    return due
  }

  /** Whether every reader has received the last item of every sender. */
  get isComplete(): boolean {
    const { senders } = this.#stream.plan
    return this.#next.every((next, place) => {
      const reader = Math.floor(place / senders)
      if (!this.#stream.isActive(reader)) return true
      const sender = this.#stream.senderAt(reader, place % senders)
      return sender === reader || next >= this.#stream.endNumber(sender)
    })
  }

  #isInWindow(dueAt: number): boolean {
    return dueAt >= this.#options.fromMs && dueAt < this.#options.toMs
  }

  #isCounted(reader: number, person: number): boolean {
    return this.#options.counts?.(reader, person) ?? true
  }
}
