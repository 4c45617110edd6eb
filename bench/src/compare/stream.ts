import { encodeAwareness, encodeAwarenessUpdate, encodeUpdate } from '@mindfuse/protocol'
import { Doc } from 'yjs'
import type { ItemKind } from './crowd.ts'
import type { Layout } from './targets.ts'
import { CLIENT_ID_BASE } from './wire/scan.ts'

/** What some people of each board do at a steady rate for a while. */
export interface StreamPlan {
  kind: ItemKind
  /** How many of a board's people do it: the first ones. */
  senders: number
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
 * When each of the people does what. Everybody has a rhythm of their own, in a phase that is random
 * and the same in every run; nobody waits for an answer.
 */
export class Stream {
  readonly plan: StreamPlan
  readonly #layout: Layout
  readonly #intervalMs: number
  /** In the order of their phases. */
  readonly #order: { person: number; phaseMs: number }[]
  readonly #phases = new Map<number, number>()
  readonly #count: number
  readonly #boards: number
  readonly #frames = new Map<number, Uint8Array[]>()
  #next = 0

  constructor(plan: StreamPlan, layout: Layout, seed: number) {
    this.plan = plan
    this.#layout = layout
    this.#intervalMs = 1_000 / plan.ratePerSecond
    const random = createRandom(seed)
    this.#boards = plan.boards ?? layout.boards
    this.#order = []
    for (let board = 0; board < this.#boards; board++) {
      for (let slot = 0; slot < plan.senders; slot++) {
        const person = board * layout.perBoard + slot
        const phaseMs = plan.fromMs + random() * this.#intervalMs
        this.#order.push({ person, phaseMs })
        this.#phases.set(person, phaseMs)
      }
    }
    this.#order.sort((a, b) => a.phaseMs - b.phaseMs)
    this.#count = Math.floor((plan.toMs - plan.fromMs) / this.#intervalMs)
    // Drawn beforehand: Yjs would cost the load more than what it sends.
    if (plan.kind === 'edit') {
      for (const { person } of this.#order) this.#frames.set(person, draw(person, this.#count))
    }
  }

  /** How often each sender sends. */
  get count(): number {
    return this.#count
  }

  /** The first number of a sender's states or edits. */
  get firstNumber(): number {
    return this.plan.kind === 'cursor' ? FIRST_CLOCK : 0
  }

  /** When a person's item of a number is due, milliseconds after the start. */
  dueAt(person: number, number: number): number {
    const phaseMs = this.#phases.get(person) ?? Number.NaN
    return phaseMs + (number - this.firstNumber) * this.#intervalMs
  }

  /** Calls with the sender of each item and when it is due, milliseconds after the start. */
  forEachDue(callback: (person: number, dueAt: number) => void): void {
    for (const { person, phaseMs } of this.#order) {
      for (let i = 0; i < this.#count; i++) callback(person, phaseMs + i * this.#intervalMs)
    }
  }

  /** Whether anybody sends on a person's board. */
  isActive(person: number): boolean {
    return Math.floor(person / this.#layout.perBoard) < this.#boards
  }

  /** Sends whatever is due. @returns when the next is, or undefined where that was all */
  sendDue(nowMs: number, send: (person: number, frame: Uint8Array, dueAt: number) => void) {
    for (;;) {
      const round = Math.floor(this.#next / this.#order.length)
      if (round >= this.#count) return undefined
      const sender = this.#order[this.#next % this.#order.length]
      if (!sender) return undefined
      const dueAt = sender.phaseMs + round * this.#intervalMs
      if (dueAt > nowMs) return dueAt
      this.#next++
      send(sender.person, this.#frame(sender.person, round), dueAt)
    }
  }

  #frame(person: number, round: number): Uint8Array {
    if (this.plan.kind === 'edit') return this.#frames.get(person)?.[round] ?? new Uint8Array()
    return moveCursor(person, FIRST_CLOCK + round, this.plan.stateBytes)
  }
}

function moveCursor(person: number, clock: number, stateBytes = 0): Uint8Array {
  const x = (clock * 7) % 1_000
  const y = (clock * 3) % 1_000
  const user = `{"name":"Person ${person}","color":"#1d9bf0"}`
  const state = `{"user":${user},"cursor":{"x":${x}.5,"y":${y}.25}}`
  return encodeAwareness(
    encodeAwarenessUpdate([
      { clientId: CLIENT_ID_BASE + person, clock, state: state.padEnd(stateBytes) },
    ]),
  )
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
