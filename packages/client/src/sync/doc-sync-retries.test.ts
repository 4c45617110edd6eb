import {
  type AnnouncedLimits,
  decodeFrame,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
} from '@mindfuse/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector, parseUpdateMeta } from 'yjs'
import { newSecret } from './client-ids.ts'
import { DocSync } from './doc-sync.ts'
import { REMOTE_ORIGIN, STORE_ORIGIN } from './origins.ts'

const LIMITS = { maxUpdateBytes: 1_000, maxSyncStep2Bytes: 10_000 } as AnnouncedLimits

/** What everybody had before, under this clientID. */
const EARLIER = 7

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A document, and a gateway that handles its frames one at a time and may reject them. */
class World {
  readonly server = new Doc()
  readonly other = new Doc()
  readonly doc = new Doc()
  /** Frames to the gateway that it has not handled. */
  readonly sent: Frame[] = []
  /** The updates of all edit frames. */
  readonly edits: Uint8Array[] = []
  #frames = 0
  readonly sync = new DocSync({
    replica: {
      doc: this.doc,
      hasFailed: false,
      apply: (updates, origin) => {
        for (const update of updates) applyUpdate(this.doc, update, origin)
      },
    },
    send: (bytes) => {
      const frame = decodeFrame(bytes.slice())
      if (frame.kind === 'sync-step-2' || frame.kind === 'update') this.edits.push(frame.update)
      return this.sent.push(frame) > 0
    },
    bufferedBytes: () => 0,
    random: () => 0,
    onSynced: () => undefined,
    onSaved: () => undefined,
    secret: newSecret,
    onTooLarge: () => undefined,
    onContradiction: () => undefined,
  })

  constructor() {
    this.doc.on('update', (update: Uint8Array, origin) => {
      if (origin !== REMOTE_ORIGIN && origin !== STORE_ORIGIN) this.sync.edit(update)
    })
  }

  connect(): void {
    this.sync.connected(LIMITS)
    this.announce()
    while (this.sent.length > 0) this.handle(false)
  }

  /** The gateway sends its state vector. */
  announce(): void {
    this.#receive(encodeSyncStep1(encodeStateVector(this.server)))
  }

  /** Somebody else draws on the same gateway. */
  drawElsewhere(name: string, value: unknown): void {
    applyUpdate(this.other, encodeStateAsUpdate(this.server))
    const before = encodeStateVector(this.server)
    this.other.getMap('shapes').set(name, value)
    applyUpdate(this.server, encodeStateAsUpdate(this.other))
    this.#receive(encodeUpdate(encodeStateAsUpdate(this.server, before)))
  }

  /** The gateway handles the next frame. */
  handle(isRejected: boolean): void {
    const frame = this.sent.shift()
    if (!frame) return
    if (frame.kind === 'sync-step-1') {
      this.#receive(encodeSyncStep2(encodeStateAsUpdate(this.server, frame.stateVector)))
    } else if (frame.kind === 'sync-step-2' || frame.kind === 'update') {
      const seq = ++this.#frames
      const isApplied = !isRejected && this.#apply(frame.update)
      if (isRejected) this.sync.reject(seq, 'rate_limited')
      if (isRejected || isApplied) this.sync.acknowledge(seq)
      else this.announce()
    }
  }

  /** @returns whether it leaves no gap */
  #apply(update: Uint8Array): boolean {
    const next = new Doc()
    applyUpdate(next, encodeStateAsUpdate(this.server))
    applyUpdate(next, update)
    if (next.store.pendingStructs) return false
    applyUpdate(this.server, update)
    return true
  }

  #receive(frame: Uint8Array): void {
    this.sync.receive(decodeFrame(frame.slice()), { canEdit: true })
  }
}

const shapesOf = (doc: Doc) => doc.getMap('shapes').toJSON()

/** A document that somebody drew earlier. */
function earlier(): Doc {
  const doc = new Doc()
  doc.clientID = EARLIER
  doc.getMap('shapes').set('earlier', true)
  return doc
}

test('an edit that was refused is sent again without what others drew since', () => {
  const world = new World()
  world.connect()
  world.doc.getMap('shapes').set('mine', true)
  world.handle(true)
  for (let i = 0; i < 20; i++) world.drawElsewhere(`theirs ${i}`, 'x'.repeat(1_000))
  vi.advanceTimersByTime(1_000)
  world.handle(false)
  expect(world.sync.isSaved).toBe(true)
  expect(shapesOf(world.server)).toEqual(shapesOf(world.doc))
})

test('what was accepted is not sent again either', () => {
  const world = new World()
  world.connect()
  for (let i = 0; i < 20; i++) {
    world.doc.getMap('shapes').set(`mine ${i}`, 'x'.repeat(900))
    vi.advanceTimersByTime(20)
    world.handle(false)
  }
  world.doc.getMap('shapes').set('last', true)
  vi.advanceTimersByTime(20)
  world.handle(true)
  vi.advanceTimersByTime(1_000)
  world.handle(false)
  expect(world.sync.isSaved).toBe(true)
})

test('STORE-18: what the server lost is sent again until it is accepted, whoever drew it', () => {
  const world = new World()
  applyUpdate(world.doc, encodeStateAsUpdate(earlier()), REMOTE_ORIGIN)
  world.sync.connected(LIMITS)
  world.announce()
  while (world.sent.length > 0) world.handle(true)
  for (let i = 0; i < 20; i++) world.drawElsewhere(`theirs ${i}`, 'x'.repeat(1_000))
  vi.advanceTimersByTime(1_000)
  world.handle(false)
  expect(shapesOf(world.server)).toEqual(shapesOf(world.doc))
  expect(shapesOf(world.server)).toMatchObject({ earlier: true })
  vi.advanceTimersByTime(60_000)
  expect(world.sent).toEqual([])
})

test('whatever is refused when: all is saved in the end, and nothing that others drew is sent', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('mine' as const), size: fc.nat(300) }),
    fc.record({ kind: fc.constant('theirs' as const), size: fc.nat(2_000) }),
    fc.record({ kind: fc.constant('handle' as const), isRejected: fc.boolean() }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(3_000) }),
    fc.record({ kind: fc.constant('announce' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, hasLost) => {
      const world = new World()
      if (hasLost) applyUpdate(world.doc, encodeStateAsUpdate(earlier()), REMOTE_ORIGIN)
      world.sync.connected(LIMITS)
      world.announce()
      for (const [i, step] of steps.entries()) {
        if (step.kind === 'mine') world.doc.getMap('shapes').set(`mine ${i}`, 'x'.repeat(step.size))
        else if (step.kind === 'theirs') world.drawElsewhere(`theirs ${i}`, 'x'.repeat(step.size))
        else if (step.kind === 'handle') world.handle(step.isRejected)
        else if (step.kind === 'wait') vi.advanceTimersByTime(step.ms)
        else world.announce()
      }
      for (let i = 0; i < 20; i++) {
        vi.advanceTimersByTime(60_000)
        while (world.sent.length > 0) world.handle(false)
      }
      expect(world.sync.isSaved).toBe(true)
      expect(shapesOf(world.server)).toEqual(shapesOf(world.doc))
      for (const update of world.edits) {
        expect([...parseUpdateMeta(update).from.keys()]).not.toContain(world.other.clientID)
      }
      world.sync.disconnected()
    }),
  )
})
