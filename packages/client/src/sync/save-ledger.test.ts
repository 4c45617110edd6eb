import { beforeEach, describe, expect, test } from 'vitest'
import { SaveLedger } from './save-ledger.ts'

let ledger: SaveLedger
beforeEach(() => {
  ledger = new SaveLedger()
})

test('what was never drawn is saved', () => {
  expect(ledger.isSaved).toBe(true)
})

test('an edit is saved when the gateway said so of its frame, and not before', () => {
  ledger.edited()
  expect(ledger.isSaved).toBe(false)
  ledger.sentUpdate()
  ledger.acknowledge(0)
  expect(ledger.isSaved).toBe(false)
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(true)
})

test('an edit that came after the frame that is saved is not', () => {
  ledger.edited()
  ledger.sentUpdate()
  ledger.edited()
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(false)
  ledger.sentUpdate()
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(false)
  ledger.acknowledge(2)
  expect(ledger.isSaved).toBe(true)
})

test('an answer to the gateway that brings nothing unsaved is not waited for', () => {
  ledger.sentStep2()
  expect(ledger.isSaved).toBe(true)
})

test('what a line that ended had not saved has to be brought by the next one', () => {
  ledger.edited()
  ledger.sentUpdate()
  ledger.reset()
  expect(ledger.isSaved).toBe(false)
  expect(ledger.isOwed).toBe(true)
  // An acknowledgement of the new line counts the new line's frames.
  ledger.sentStep2()
  ledger.acknowledge(0)
  expect(ledger.isSaved).toBe(false)
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(true)
})

test('a line that ended with everything saved leaves everything saved', () => {
  ledger.edited()
  ledger.sentUpdate()
  ledger.acknowledge(1)
  ledger.reset()
  expect(ledger.isSaved).toBe(true)
})

describe('a refused frame', () => {
  beforeEach(() => {
    ledger.edited()
    ledger.sentUpdate()
    ledger.refuse(1)
    // The gateway's number passes what it refused.
    ledger.acknowledge(1)
  })

  test('is not saved, although the number passes it', () => {
    expect(ledger.isSaved).toBe(false)
  })

  test('is not brought by the update that comes next', () => {
    ledger.edited()
    ledger.sentUpdate()
    ledger.acknowledge(2)
    expect(ledger.isSaved).toBe(false)
  })

  test('is brought by a sync step 2', () => {
    ledger.sentStep2()
    ledger.acknowledge(2)
    expect(ledger.isSaved).toBe(true)
  })

  test('is given up with a discard', () => {
    ledger.discard()
    expect(ledger.isSaved).toBe(true)
  })
})

test('a refusal that comes after a step 2 brought it again changes nothing', () => {
  ledger.edited()
  ledger.sentUpdate()
  ledger.sentStep2()
  ledger.refuse(1)
  expect(ledger.isOwed).toBe(false)
  ledger.refuse(2)
  expect(ledger.isOwed).toBe(true)
})

test('what was on its way when it was given up counts as open until it is decided', () => {
  ledger.edited()
  ledger.sentUpdate()
  ledger.discard()
  expect(ledger.isSaved).toBe(false)
  ledger.refuse(1)
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(true)
})
