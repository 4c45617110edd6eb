import { Histogram } from './histogram.ts'
import type { Stream } from './stream.ts'

/** What comes later than this after it was due counts as not delivered, milliseconds. */
const DEADLINE_MS = 5_000

/**
 * Who saw what of a stream, and how long after it was due.
 *
 * A reader has seen a cursor's state when it saw that or a newer one of the same person: a server may
 * leave out states that are out of date. An edit it has seen when it saw just that.
 */
export class Watch {
  readonly #stream: Stream
  readonly #perBoard: number
  readonly #senders: number
  /** By reader and sender: the number of the next item that was not seen. */
  readonly #next: Int32Array
  readonly #latency = new Histogram()
  readonly #window: { fromMs: number; toMs: number }
  /** States or edits that reached a reader and were new to it, each once. */
  received = 0
  /** Edits that came although one before them had not. */
  holes = 0

  constructor(
    stream: Stream,
    layout: { boards: number; perBoard: number },
    window: { fromMs: number; toMs: number },
  ) {
    this.#stream = stream
    this.#perBoard = layout.perBoard
    this.#senders = stream.plan.senders
    this.#window = window
    this.#next = new Int32Array(layout.boards * layout.perBoard * this.#senders)
    this.#next.fill(stream.firstNumber)
  }

  get latency(): Histogram {
    return this.#latency
  }

  see(reader: number, person: number, from: number, to: number, nowMs: number): void {
    if (reader === person) return
    const slot = person % this.#perBoard
    if (person < 0 || slot >= this.#senders) return
    const place = reader * this.#senders + slot
    const next = this.#next[place] as number
    if (to <= next) return
    const isEdit = this.#stream.plan.kind === 'edit'
    if (isEdit && from > next) this.holes++
    this.received += to - Math.max(from, next)
    this.#next[place] = to
    const { fromMs, toMs } = this.#window
    for (let number = isEdit ? Math.max(from, next) : next; number < to; number++) {
      const dueAt = this.#stream.dueAt(person, number)
      if (dueAt < fromMs || dueAt >= toMs) continue
      const latency = nowMs - dueAt
      if (latency <= DEADLINE_MS) this.#latency.record(latency)
    }
  }

  /** How many items are due in the window, once for each who is to see them. */
  expected(): number {
    const { fromMs, toMs } = this.#window
    let due = 0
    this.#stream.forEachDue((dueAt) => {
      if (dueAt >= fromMs && dueAt < toMs) due++
    })
    return due * this.#stream.readers
  }

  /** Whether everybody has seen the last of everybody. */
  get isComplete(): boolean {
    return this.#next.every((next, place) => this.#isLast(next, place))
  }

  #isLast(next: number, place: number): boolean {
    const reader = Math.floor(place / this.#senders)
    const isOwn = reader % this.#perBoard === place % this.#senders
    return isOwn || next >= this.#stream.firstNumber + this.#stream.count
  }
}
