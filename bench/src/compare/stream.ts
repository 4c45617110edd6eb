import { encodeUpdate } from '@mindfuse/protocol'
import { awarenessFrame } from '@mindfuse/testing'
import { Doc } from 'yjs'
import type { ItemKind } from './crowd.ts'
import { CLIENT_ID_BASE } from './scan.ts'
import type { Layout } from './targets.ts'

/** What some people of each board do at a steady rate for a while. */
export interface StreamPlan {
  kind: ItemKind
  /** How many of a board's people do it: the first ones, or those from this one on. */
  senders: number
  firstSender?: number
  /** Of each of them. */
  ratePerSecond: number
  /** On how many boards, the first ones; on all where it is left out. */
  boards?: number
  fromMs: number
  toMs: number
  /** Bytes of a cursor's state; the usual where it is left out. */
  stateBytes?: number
}

/** First clock of an awareness state: as long as it will be all the time. */
const FIRST_CLOCK = 2 ** 14

/** So many shapes each person moves about. */
const SHAPES_PER_PERSON = 20

/**
 * When each of the people does what. Each has a rhythm of their own, in a phase that is random
 * and the same in every run; none waits for an answer.
 */
export class Stream {
  readonly plan: StreamPlan
  readonly #layout: Layout
  readonly #intervalMs: number
  readonly #boards: number
  /** By person. */
  readonly #senders = new Map<number, Sender>()
  /** In the order of their phases. */
  readonly #order: readonly Sender[]
  #next = 0

  constructor(plan: StreamPlan, layout: Layout, seed: number) {
    const { kind, senders, firstSender = 0, fromMs, toMs, boards = layout.boards } = plan
    this.plan = plan
    this.#layout = layout
    this.#intervalMs = 1_000 / plan.ratePerSecond
    this.#boards = boards
    const random = createRandom(seed)
    for (let board = 0; board < boards; board++) {
      for (let slot = 0; slot < senders; slot++) {
        const person = board * layout.perBoard + firstSender + slot
        const phaseMs = fromMs + random() * this.#intervalMs
        const count = Math.max(0, Math.ceil((toMs - phaseMs) / this.#intervalMs))
        // Drawn beforehand: Yjs would cost the load more than what it sends.
        const edits = kind === 'edit' ? draw(person, count) : []
        this.#senders.set(person, { person, phaseMs, count, edits })
      }
    }
    this.#order = [...this.#senders.values()].sort((a, b) => a.phaseMs - b.phaseMs)
  }

  /** How many items all senders have together. */
  get count(): number {
    return this.#order.reduce((sum, { count }) => sum + count, 0)
  }

  /** The number of a sender's first state or edit. */
  get firstNumber(): number {
    return this.plan.kind === 'cursor' ? FIRST_CLOCK : 0
  }

  /** The number after that of a person's last. */
  endNumber(person: number): number {
    return this.firstNumber + (this.#senders.get(person)?.count ?? 0)
  }

  /** Whether anybody sends on a person's board. */
  isActive(person: number): boolean {
    return Math.floor(person / this.#layout.perBoard) < this.#boards
  }

  /** Which of the senders of their board a person is, from 0 on; negative or too high where none. */
  slotOf(person: number): number {
    return (person % this.#layout.perBoard) - (this.plan.firstSender ?? 0)
  }

  /** Who is the sender of a slot on a person's board. */
  senderAt(person: number, slot: number): number {
    const { perBoard } = this.#layout
    return person - (person % perBoard) + (this.plan.firstSender ?? 0) + slot
  }

  /** When a person's item of a number is due, milliseconds after the start. */
  dueAt(person: number, number: number): number {
    const phaseMs = this.#senders.get(person)?.phaseMs ?? Number.NaN
    return phaseMs + (number - this.firstNumber) * this.#intervalMs
  }

  /** Calls with the sender of each item and when it is due, milliseconds after the start. */
  forEachDue(callback: (person: number, dueAt: number) => void): void {
    for (const { person, phaseMs, count } of this.#order) {
      for (let i = 0; i < count; i++) callback(person, phaseMs + i * this.#intervalMs)
    }
  }

  /**
   * Sends whatever is due.
   * @returns when the next is due, milliseconds after the start, or undefined where that was all
   */
  sendDue(
    nowMs: number,
    send: (person: number, frame: Uint8Array, dueAt: number) => void,
  ): number | undefined {
    for (;;) {
      const round = Math.floor(this.#next / this.#order.length)
      const sender = this.#order[this.#next % this.#order.length]
      // Who comes first in their rhythm has one more than others, or as many.
      if (!sender || round >= sender.count) return undefined
      const dueAt = sender.phaseMs + round * this.#intervalMs
      if (dueAt > nowMs) return dueAt
      this.#next++
      send(sender.person, this.#frame(sender, round), dueAt)
    }
  }

  #frame({ person, edits }: Sender, round: number): Uint8Array {
    return edits[round] ?? moveCursor(person, FIRST_CLOCK + round, this.plan.stateBytes)
  }
}

interface Sender {
  person: number
  phaseMs: number
  count: number
  /** Ready to be sent, where the stream is one of edits. */
  edits: readonly Uint8Array[]
}

function moveCursor(person: number, clock: number, stateBytes = 0): Uint8Array {
  const x = (clock * 7) % 1_000
  const y = (clock * 3) % 1_000
  const user = `{"name":"Person ${person}","color":"#1d9bf0"}`
  const state = `{"user":${user},"cursor":{"x":${x}.5,"y":${y}.25}}`
  const clientId = CLIENT_ID_BASE + person
  return awarenessFrame({ clientId, clock, state: state.padEnd(stateBytes) })
}

/** One person's edits, each a shape of theirs that gets a new place: one struct of length 1. */
function draw(person: number, count: number): Uint8Array[] {
  const doc = new Doc()
  doc.clientID = CLIENT_ID_BASE + person
  const frames: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => frames.push(encodeUpdate(update)))
  const shapes = doc.getMap('shapes')
  for (let i = 0; i < count; i++) {
    shapes.set(`shape-${person}-${i % SHAPES_PER_PERSON}`, { x: i * 1.25, y: i / 3 })
  }
  doc.destroy()
  return frames
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
