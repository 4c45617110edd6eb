import {
  type AnnouncedLimits,
  decodeFrame,
  encodeSyncStep2,
  encodeUpdate,
  type Frame,
} from '@mindfuse/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { newSecret } from './client-ids.ts'
import { DocSync, type SyncedReplica } from './doc-sync.ts'
import { REMOTE_ORIGIN } from './origins.ts'

const LIMITS = { maxUpdateBytes: 1_000, maxSyncStep2Bytes: 10_000 } as AnnouncedLimits
const EMPTY_VECTOR = encodeStateVector(new Doc())

/** A document that never fails. */
const replicaOf = (doc: Doc): SyncedReplica => ({
  doc,
  hasFailed: false,
  apply: (updates, origin) => {
    for (const update of updates) applyUpdate(doc, update, origin)
  },
})

let doc: Doc
let sent: Frame[]
let syncs: number
let tooLarge: number
let sync: DocSync

beforeEach(() => {
  vi.useFakeTimers()
  doc = new Doc()
  sent = []
  syncs = 0
  tooLarge = 0
  sync = new DocSync({
    replica: replicaOf(doc),
    send: (frame) => sent.push(decodeFrame(frame.slice())) > 0,
    bufferedBytes: () => 0,
    random: () => 0,
    onSynced: () => syncs++,
    onSaved: () => undefined,
    secret: newSecret,
    onTooLarge: () => tooLarge++,
    onContradiction: () => undefined,
  })
  doc.on('update', (update: Uint8Array, origin) => {
    if (origin !== REMOTE_ORIGIN) sync.edit(update)
  })
})
afterEach(() => {
  sync.disconnected()
  vi.useRealTimers()
})

const draw = (shape: string, value: unknown = true) => doc.getMap('shapes').set(shape, value)
const kinds = () => sent.map(({ kind }) => kind)
const asks = (stateVector = EMPTY_VECTOR) =>
  sync.receive({ kind: 'sync-step-1', stateVector }, { canEdit: true })
const answers = (from = new Doc()) =>
  sync.receive(decodeFrame(encodeSyncStep2(encodeStateAsUpdate(from))), { canEdit: true })

function open(): void {
  sync.connected(LIMITS)
  asks()
  answers()
  sent.length = 0
}

test('nothing is sent before the gateway’s state vector, and then everything that it lacks', () => {
  draw('before')
  sync.connected(LIMITS)
  draw('joining')
  expect(kinds()).toEqual(['sync-step-1'])
  asks()
  expect(kinds()).toEqual(['sync-step-1', 'sync-step-2'])
  const copy = new Doc()
  const brought = sent[1]
  if (brought?.kind === 'sync-step-2') applyUpdate(copy, brought.update)
  expect(copy.getMap('shapes').toJSON()).toEqual({ before: true, joining: true })
  expect(sync.isSaved).toBe(false)
  sync.acknowledge(1)
  expect(sync.isSaved).toBe(true)
})

test('a viewer sends nothing', () => {
  sync.connected(LIMITS)
  sync.receive({ kind: 'sync-step-1', stateVector: EMPTY_VECTOR }, { canEdit: false })
  expect(kinds()).toEqual(['sync-step-1'])
})

test('an edit above the limit of updates is sent as a step 2', () => {
  open()
  draw('small')
  vi.advanceTimersByTime(20)
  draw('large', 'x'.repeat(2_000))
  expect(kinds()).toEqual(['update', 'sync-step-2'])
})

test('remote edits are not sent back', () => {
  open()
  const other = new Doc()
  other.getMap('shapes').set('his', true)
  const update = encodeStateAsUpdate(other)
  sync.receive(decodeFrame(encodeUpdate(update)), { canEdit: true })
  expect(doc.getMap('shapes').toJSON()).toEqual({ his: true })
  expect(sent).toEqual([])
})

describe('an edit that was refused temporarily', () => {
  beforeEach(() => {
    open()
    draw('a')
    sync.reject(2, 'rate_limited')
    sync.acknowledge(2)
    sent.length = 0
  })

  test('is sent again in a step 2, a second later', () => {
    vi.advanceTimersByTime(999)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(1)
    expect(kinds()).toEqual(['sync-step-2'])
    expect(sync.isSaved).toBe(false)
    sync.acknowledge(3)
    expect(sync.isSaved).toBe(true)
  })

  test('is not sent twice if the gateway asked for it before', () => {
    asks()
    vi.advanceTimersByTime(60_000)
    expect(kinds()).toEqual(['sync-step-2'])
  })

  test('is sent on the next connection if this one ends', () => {
    sync.disconnected()
    vi.advanceTimersByTime(60_000)
    expect(sent).toEqual([])
    sync.connected(LIMITS)
    asks()
    expect(kinds()).toEqual(['sync-step-1', 'sync-step-2'])
  })
})

test('an edit that is too large is not retried', () => {
  open()
  draw('a')
  sync.reject(2, 'board_full')
  sync.acknowledge(2)
  sent.length = 0
  vi.advanceTimersByTime(60_000)
  expect(sent).toEqual([])
  expect(sync.isSaved).toBe(false)
})

test('an answer counts although an observer of the document throws', () => {
  sync.connected(LIMITS)
  const other = new Doc()
  other.getMap('shapes').set('his', true)
  doc.getMap('shapes').observe(() => {
    throw new Error('the application’s')
  })
  expect(() => answers(other)).toThrow('the application’s')
  expect(syncs).toBe(1)
})

test('with a new document it is synced when the answer for that one arrives', () => {
  sync.connected(LIMITS)
  asks()
  const next = new Doc()
  sync.switchTo(replicaOf(next))
  answers()
  expect(syncs).toBe(0)
  const server = new Doc()
  server.getMap('shapes').set('kept', true)
  answers(server)
  expect(syncs).toBe(1)
  expect(next.getMap('shapes').toJSON()).toEqual({ kept: true })
})

test('what the gateway lacks is not sent while it is too large for a frame', () => {
  open()
  draw('picture', 'x'.repeat(20_000))
  expect(sent).toEqual([])
  expect(tooLarge).toBe(1)
  expect(sync.isSaved).toBe(false)
  asks()
  expect(sent).toEqual([])
  expect(tooLarge).toBe(2)

  draw('picture', 'small')
  expect(sent).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(kinds()).toEqual(['sync-step-2'])
  draw('next')
  expect(kinds()).toEqual(['sync-step-2', 'update'])
  expect(tooLarge).toBe(2)
})
