import { expect, test } from 'vitest'
import { Stream, type StreamPlan } from './stream.ts'
import { Watch } from './watch.ts'

const LAYOUT = { boards: 2, perBoard: 3 }
const WINDOW = { fromMs: 0, toMs: 1_000 }

function watch(plan: Partial<StreamPlan>) {
  const stream = new Stream(
    { kind: 'cursor', senders: 1, ratePerSecond: 10, ...WINDOW, ...plan },
    LAYOUT,
    1,
  )
  return { stream, watch: new Watch(stream, LAYOUT, WINDOW) }
}

test('a newer state of a person stands for those before it, each from when it was due', () => {
  const { stream, watch: cursors } = watch({})
  const first = stream.firstNumber
  cursors.see(1, 0, first + 3, first + 4, stream.dueAt(0, first + 3) + 5)
  expect(cursors.received).toBe(1)
  expect(cursors.latency.total).toBe(4)
  expect(cursors.latency.max).toBeCloseTo(305)
  // What comes late is not seen again.
  cursors.see(1, 0, first + 2, first + 3, 900)
  expect(cursors.latency.total).toBe(4)
})

test('an edit counts for itself alone, and a hole is noticed', () => {
  const { stream, watch: edits } = watch({ kind: 'edit' })
  edits.see(1, 0, 0, 1, stream.dueAt(0, 0) + 1)
  edits.see(1, 0, 2, 4, stream.dueAt(0, 3) + 1)
  expect(edits.received).toBe(3)
  expect(edits.latency.total).toBe(3)
  expect(edits.holes).toBe(1)
})

test('expected is what is due, once for each other person on the board', () => {
  const { watch: cursors } = watch({ senders: 2 })
  // Two boards, two senders, ten states each, two readers each.
  expect(cursors.expected()).toBe(80)
})

test('it is complete when each has the last of all others', () => {
  const { stream, watch: cursors } = watch({ boards: 1 })
  const last = stream.endNumber(0)
  cursors.see(0, 0, last - 1, last, 1_000)
  cursors.see(1, 0, last - 1, last, 1_000)
  expect(cursors.isComplete).toBe(false)
  cursors.see(2, 0, last - 1, last, 1_000)
  expect(cursors.isComplete).toBe(true)
})

test('what is more than 5 seconds late is not delivered', () => {
  const { stream, watch: cursors } = watch({})
  const first = stream.firstNumber
  cursors.see(1, 0, first, first + 1, stream.dueAt(0, first) + 5_001)
  expect(cursors.received).toBe(1)
  expect(cursors.latency.total).toBe(0)
})
