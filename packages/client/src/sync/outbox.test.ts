import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { applyUpdate, Doc } from 'yjs'
import { Outbox } from './outbox.ts'

let sent: Uint8Array[]
let bufferedBytes: number
let outbox: Outbox
let doc: Doc

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  bufferedBytes = 0
  outbox = new Outbox({ send: (update) => sent.push(update), bufferedBytes: () => bufferedBytes })
  doc = new Doc()
  doc.on('update', (update: Uint8Array) => outbox.add(update))
})
afterEach(() => {
  outbox.clear()
  vi.useRealTimers()
})

const draw = (shape: string) => doc.getMap('shapes').set(shape, true)

/** What somebody sees who gets what was sent. */
function received(): Record<string, unknown> {
  const copy = new Doc()
  for (const update of sent) applyUpdate(copy, update)
  return copy.getMap('shapes').toJSON()
}

test('the first edit is sent immediately', () => {
  draw('a')
  expect(sent).toHaveLength(1)
})

test('a pointer at 1,000 edits a second makes no more than 51 frames, and all of it arrives', () => {
  for (let i = 0; i < 1_000; i++) {
    draw(`shape ${i}`)
    vi.advanceTimersByTime(1)
  }
  vi.advanceTimersByTime(20)
  expect(sent.length).toBeLessThanOrEqual(51)
  expect(Object.keys(received())).toHaveLength(1_000)
})

test('after a pause the next edit is sent immediately again', () => {
  draw('a')
  vi.advanceTimersByTime(100)
  draw('b')
  expect(sent).toHaveLength(2)
})

test('edits stay pending while the socket buffers too much', () => {
  bufferedBytes = 2 * 1024 * 1024
  draw('a')
  draw('b')
  vi.advanceTimersByTime(1_000)
  expect(sent).toHaveLength(0)
  bufferedBytes = 0
  vi.advanceTimersByTime(20)
  expect(sent).toHaveLength(1)
  expect(received()).toEqual({ a: true, b: true })
})

test('cleared edits are not sent', () => {
  draw('a')
  draw('b')
  outbox.clear()
  vi.advanceTimersByTime(100)
  outbox.flush()
  expect(sent).toHaveLength(1)
})
