import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EditLedger } from './edit-ledger.ts'

/** What becomes of a received frame, or that the oldest pending frames are stored. */
type Event =
  | { kind: 'applied' | 'step-2' }
  | { kind: 'gap' }
  | { kind: 'refused' }
  | { kind: 'stored'; count: number }

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('applied', 'step-2', 'gap', 'refused'),
  }),
  fc.record({ kind: fc.constant('stored'), count: fc.integer({ min: 0, max: 4 }) }),
) as fc.Arbitrary<Event>

function feed(ledger: EditLedger, { kind, ...rest }: Event): void {
  if (kind === 'stored') {
    ledger.store((rest as { count: number }).count)
    return
  }
  const frame = ledger.receive()
  if (kind === 'applied') ledger.addPending(frame, { closesGap: false })
  if (kind === 'step-2') ledger.addPending(frame, { closesGap: true })
  if (kind === 'gap') ledger.skipAhead(frame)
}

/** The same, frame by frame: each is open, for want of a step 2 or of being stored, or done. */
function naivePosition(events: Event[]): { received: number; saved: number } {
  const frames: ('gap-open' | 'done' | { waitsFor: number })[] = []
  let stores = 0
  let stored = 0
  for (const { kind, ...rest } of events) {
    if (kind === 'stored') {
      stored = Math.min(stores, stored + (rest as { count: number }).count)
      continue
    }
    if (kind === 'applied') frames.push({ waitsFor: ++stores })
    else if (kind === 'gap') frames.push('gap-open')
    else if (kind === 'step-2') {
      stores++
      frames.push({ waitsFor: stores })
      frames.forEach((frame, i) => {
        if (frame === 'gap-open') frames[i] = { waitsFor: stores }
      })
    } else {
      frames.push('done')
    }
  }
  const isOpen = (frame: (typeof frames)[number]) =>
    frame === 'gap-open' || (typeof frame === 'object' && frame.waitsFor > stored)
  const firstOpen = frames.findIndex(isOpen)
  return { received: frames.length, saved: firstOpen === -1 ? frames.length : firstOpen }
}

const after = (...events: Event[]) => {
  const ledger = new EditLedger()
  for (const it of events) feed(ledger, it)
  return ledger.position
}

test('nothing was received at first', () => {
  expect(after()).toEqual({ received: 0, saved: 0 })
})

test('ACK-2: a frame is saved once it is stored, in the order they came', () => {
  const frames: Event[] = [{ kind: 'applied' }, { kind: 'applied' }]
  expect(after(...frames)).toEqual({ received: 2, saved: 0 })
  expect(after(...frames, { kind: 'stored', count: 1 })).toEqual({ received: 2, saved: 1 })
})

test('a frame that was refused needs not be stored', () => {
  expect(after({ kind: 'refused' })).toEqual({ received: 1, saved: 1 })
})

describe('a frame that skipped ahead', () => {
  test('is not saved by a later one that leaves the gap, as a deletion does', () => {
    const position = after({ kind: 'gap' }, { kind: 'applied' }, { kind: 'stored', count: 1 })
    expect(position).toEqual({ received: 2, saved: 0 })
  })

  test('ACK-4: is saved with the step 2 that closes the gap, not before it is stored', () => {
    const frames: Event[] = [{ kind: 'gap' }, { kind: 'gap' }, { kind: 'step-2' }]
    expect(after(...frames)).toEqual({ received: 3, saved: 0 })
    expect(after(...frames, { kind: 'stored', count: 1 })).toEqual({ received: 3, saved: 3 })
  })
})

test('ACK-3: whatever comes, no frame counts as saved while one up to it is open', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const ledger = new EditLedger()
      let saved = 0
      events.forEach((it, i) => {
        feed(ledger, it)
        const { position } = ledger
        expect(position).toEqual(naivePosition(events.slice(0, i + 1)))
        expect(position.saved).toBeGreaterThanOrEqual(saved)
        saved = position.saved
      })
    }),
    { numRuns: 500 },
  )
})
