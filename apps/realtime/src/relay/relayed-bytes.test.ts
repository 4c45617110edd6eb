import { expect, test } from 'vitest'
import {
  ALWAYS_RELAYED_BYTES,
  MAX_RELAYED_EDIT_BYTES,
  RELAYED_BYTES,
  RelayedBytes,
} from './relayed-bytes.ts'

/** How much of such edits is relayed. */
function relayed(budget: RelayedBytes, edits: { bytes: number; count: number }, now: number) {
  let sum = 0
  for (let i = 0; i < edits.count; i++) if (budget.take(edits.bytes, now)) sum += edits.bytes
  return sum
}

test('RELAY-1: bursts of several people are relayed up to a bound, and then a rate', () => {
  const budget = new RelayedBytes()
  const pictures = { bytes: MAX_RELAYED_EDIT_BYTES, count: 80 }
  const { burst, perSecond } = RELAYED_BYTES
  expect(relayed(budget, pictures, 0)).toBe(burst + MAX_RELAYED_EDIT_BYTES)
  let sum = 0
  for (let second = 1; second <= 10; second++) sum += relayed(budget, pictures, second * 1_000)
  expect(sum).toBe(10 * perSecond)
})

test('RELAY-1: small edits are relayed whatever was relayed before, and large ones never', () => {
  const budget = new RelayedBytes()
  relayed(budget, { bytes: MAX_RELAYED_EDIT_BYTES, count: 80 }, 0)
  expect(budget.take(ALWAYS_RELAYED_BYTES + 1, 0)).toBe(false)
  const small = { bytes: ALWAYS_RELAYED_BYTES, count: 100 }
  expect(relayed(budget, small, 0)).toBe(100 * ALWAYS_RELAYED_BYTES)
  expect(new RelayedBytes().take(MAX_RELAYED_EDIT_BYTES + 1, 0)).toBe(false)
})
