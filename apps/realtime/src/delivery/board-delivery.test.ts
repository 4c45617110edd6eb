import { decodeFrame, inspectUpdate } from '@mindfuse/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import type { Connection } from '../connection/connection.ts'
import type { StateKind } from '../connection/traffic.ts'
import { BoardDelivery, type PresenceFrames, type PresenceSource } from './board-delivery.ts'
import { DeliveryClock } from './delivery-clock.ts'

/** The windows of edits and of presence. */
const EDITS_MS = 10
const PRESENCE_MS = 3 * EDITS_MS

/** Records what it is sent, and how many writes that took. */
class Member {
  readonly frames: string[] = []
  writes = 0
  #isCorked = false

  cork(send: () => void): void {
    this.#isCorked = true
    send()
    this.#isCorked = false
    this.writes++
  }

  send(frame: Uint8Array): void {
    const decoded = decodeFrame(frame)
    if (decoded.kind !== 'update') throw new Error(`a frame of ${decoded.kind}`)
    const clients = inspectUpdate(decoded.update).ranges.map(({ client }) => client)
    this.#record(`edit ${clients.reverse().join(' + ')}`)
  }

  sendPresence(frame: Uint8Array, kind: StateKind): void {
    this.#record(`${kind} ${frame[0]}`)
  }

  #record(frame: string): void {
    this.frames.push(frame)
    if (!this.#isCorked) this.writes++
  }
}

/** Numbers, two of which are sent in a window. */
class Numbers implements PresenceSource {
  readonly waiting: number[] = []
  known = new Map<Connection, number>()
  maxBytes = 0
  readonly #kind: StateKind

  constructor(kind: StateKind = 'presence') {
    this.#kind = kind
  }

  get hasPending(): boolean {
    return this.waiting.length > 0
  }

  take(maxBytes: number): PresenceFrames {
    this.maxBytes = maxBytes
    const taken = this.waiting.splice(0, 2)
    return {
      frames: taken.map((n) => Uint8Array.of(n)),
      kind: this.#kind,
      known: this.known,
    }
  }
}

let ada: Member
let alan: Member
let members: Set<Connection>
let source: Numbers
let drafts: Numbers
let delivery: BoardDelivery
/** The load of the gateway, 0 to 1. */
let utilization: number
beforeEach(() => {
  vi.useFakeTimers()
  utilization = 0
  ada = new Member()
  alan = new Member()
  members = new Set([ada, alan] as unknown as Connection[])
  source = new Numbers()
  drafts = new Numbers('draft')
  const clock = new DeliveryClock({ tickMs: EDITS_MS / 2, utilization: () => utilization })
  delivery = new BoardDelivery(members, clock)
  delivery.addSource(source)
  delivery.addDrafts(drafts)
})
afterEach(() => void vi.useRealTimers())

/** An edit of a client with this number. */
function edit(number: number, except?: Member, text = 'drawn'): void {
  const doc = new Doc()
  doc.clientID = number
  doc.getText().insert(0, text)
  const update = encodeStateAsUpdate(doc)
  const options = except ? { except: except as unknown as Connection } : {}
  const { ranges: news, deletes } = inspectUpdate(update)
  delivery.sendEdit({ update, news, deletes }, options)
}

test('SYNC-14: the first edit is sent at once, to all but its sender', () => {
  edit(1, ada)
  expect(ada.frames).toEqual([])
  expect(alan.frames).toEqual(['edit 1'])
})

test('SYNC-14: later ones are sent in their order as one write for each member', () => {
  edit(1, ada)
  edit(2, alan)
  edit(3, ada)
  edit(4)
  expect(alan.frames).toEqual(['edit 1'])
  vi.advanceTimersByTime(EDITS_MS)
  expect(ada.frames).toEqual(['edit 2', 'edit 4'])
  expect(alan.frames).toEqual(['edit 1', 'edit 3', 'edit 4'])
  expect([ada.writes, alan.writes]).toEqual([1, 2])
})

test('SYNC-14: a member that sent none of them gets all as one update', () => {
  const grace = new Member()
  members.add(grace as unknown as Connection)
  edit(1, ada)
  edit(2, alan)
  edit(3, ada)
  edit(4)
  vi.advanceTimersByTime(EDITS_MS)
  expect(grace.frames).toEqual(['edit 1', 'edit 2 + 3 + 4'])
  expect(alan.frames).toEqual(['edit 1', 'edit 3', 'edit 4'])
})

test('large edits of a window are not merged', () => {
  edit(1)
  edit(2, undefined, 'x'.repeat(40_000))
  edit(3, undefined, 'x'.repeat(40_000))
  vi.advanceTimersByTime(EDITS_MS)
  expect(ada.frames).toEqual(['edit 1', 'edit 2', 'edit 3'])
})

test('presence is sent with the pending edits', () => {
  source.waiting.push(1)
  delivery.schedulePresence()
  edit(1)
  for (let window = 0; window < 3; window++) {
    edit(2)
    source.waiting.push(2)
    delivery.schedulePresence()
    ada.frames.length = 0
    ada.writes = 0
    vi.advanceTimersByTime(EDITS_MS)
  }
  expect(ada.frames).toEqual(['edit 2', 'presence 2', 'presence 2'])
  expect(ada.writes).toBe(1)
})

test('PRES-12: what is too much for one window is deferred to the next ones', () => {
  source.waiting.push(1, 2, 3, 4, 5)
  delivery.schedulePresence()
  expect(ada.frames).toEqual(['presence 1', 'presence 2'])
  vi.advanceTimersByTime(PRESENCE_MS)
  expect(ada.frames).toHaveLength(4)
  vi.advanceTimersByTime(PRESENCE_MS)
  expect(ada.frames).toHaveLength(5)
})

test('PRES-12: the more members there are the less presence each is sent in a window', () => {
  source.waiting.push(1)
  delivery.schedulePresence()
  const ofTwo = source.maxBytes
  for (let i = 0; i < 6; i++) members.add(new Member() as unknown as Connection)
  source.waiting.push(2)
  vi.advanceTimersByTime(2 * PRESENCE_MS)
  delivery.schedulePresence()
  expect(source.maxBytes).toBe(ofTwo / 4)
})

/** Someone draws and points once a millisecond. @returns the frames of each write */
function draw(ms: number): string[][] {
  const writes: string[][] = []
  for (let i = 0; i < ms; i++) {
    source.waiting.splice(0, 1, 1)
    delivery.schedulePresence()
    drafts.waiting.splice(0, 1, 2)
    delivery.scheduleDrafts()
    vi.advanceTimersByTime(1)
    if (ada.frames.length > 0) writes.push(ada.frames.splice(0))
  }
  return writes
}

test('DRAFT-1: a draft is sent at once though a cursor was, and what follows once a window', () => {
  source.waiting.push(1)
  delivery.schedulePresence()
  vi.advanceTimersByTime(PRESENCE_MS / 2)
  drafts.waiting.push(2)
  delivery.scheduleDrafts()
  expect(ada.frames.splice(0)).toEqual(['presence 1', 'draft 2'])
  const frames = draw(10 * PRESENCE_MS).flat()
  const share = (kind: string) => frames.filter((frame) => frame.startsWith(kind)).length / 10
  expect([share('draft'), share('presence')]).toEqual([1, 1])
})

test('DRAFT-1: a busy gateway sends drafts with presence, as one write', () => {
  utilization = 0.3
  draw(20 * PRESENCE_MS)
  for (const frames of draw(10 * PRESENCE_MS)) expect(frames).toEqual(['presence 1', 'draft 2'])
  // The load is gone by the end of a window that has a draft.
  utilization = 0
  vi.advanceTimersByTime(10_000)
  drafts.waiting.push(3)
  delivery.scheduleDrafts()
  expect(ada.frames).toEqual([])
  vi.advanceTimersByTime(PRESENCE_MS)
  expect(ada.frames).toEqual(['draft 3'])
})

test('no member is sent what it knows', () => {
  source.known.set(ada as unknown as Connection, 1)
  source.waiting.push(1, 2)
  delivery.schedulePresence()
  expect(ada.frames).toEqual(['presence 2'])
  expect(alan.frames).toEqual(['presence 1', 'presence 2'])
})

test('with nothing to send nothing is written', () => {
  delivery.schedulePresence()
  expect([ada.writes, alan.writes]).toEqual([0, 0])
})

test('a member that leaves while others are sent to is skipped', () => {
  vi.spyOn(ada, 'send').mockImplementation(() => void members.delete(alan as unknown as Connection))
  edit(1)
  expect(alan.frames).toEqual([])
})
