import { beforeEach, describe, expect, test } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { SaveLedger } from './save-ledger.ts'

const doc = new Doc()
doc.getMap('shapes').set('circle', true)
const EDIT = encodeStateAsUpdate(doc)

let ledger: SaveLedger
beforeEach(() => {
  ledger = new SaveLedger()
})

test('a document without edits is saved', () => {
  expect(ledger.isSaved).toBe(true)
})

test('an edit is saved when the gateway acknowledges its frame, and not before', () => {
  ledger.edited(EDIT)
  expect(ledger.isSaved).toBe(false)
  ledger.sentUpdate()
  ledger.acknowledge(0)
  expect(ledger.isSaved).toBe(false)
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(true)
})

test('an edit after the acknowledged frame is unsaved', () => {
  ledger.edited(EDIT)
  ledger.sentUpdate()
  ledger.edited(EDIT)
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(false)
  ledger.sentUpdate()
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(false)
  ledger.acknowledge(2)
  expect(ledger.isSaved).toBe(true)
})

test('a step 2 without unsaved edits needs no acknowledgement', () => {
  ledger.sentStep2()
  expect(ledger.isSaved).toBe(true)
})

test('unsaved edits of a lost connection have to be sent on the next one', () => {
  ledger.edited(EDIT)
  ledger.sentUpdate()
  ledger.reset()
  expect(ledger.isSaved).toBe(false)
  expect(ledger.hasUnsent).toBe(true)
  // An acknowledgement of the new line counts the new line's frames.
  ledger.sentStep2()
  ledger.acknowledge(0)
  expect(ledger.isSaved).toBe(false)
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(true)
})

test('a connection that ends with everything saved leaves everything saved', () => {
  ledger.edited(EDIT)
  ledger.sentUpdate()
  ledger.acknowledge(1)
  ledger.reset()
  expect(ledger.isSaved).toBe(true)
})

describe('a refused frame', () => {
  beforeEach(() => {
    ledger.edited(EDIT)
    ledger.sentUpdate()
    ledger.reject(1)
    // The gateway's number passes what it refused.
    ledger.acknowledge(1)
  })

  test('is unsaved, although a later frame is acknowledged', () => {
    expect(ledger.isSaved).toBe(false)
  })

  test('is not sent with the next update', () => {
    ledger.edited(EDIT)
    ledger.sentUpdate()
    ledger.acknowledge(2)
    expect(ledger.isSaved).toBe(false)
  })

  test('is sent with a sync step 2', () => {
    ledger.sentStep2()
    ledger.acknowledge(2)
    expect(ledger.isSaved).toBe(true)
  })

  test('is dropped by a discard', () => {
    ledger.discard()
    expect(ledger.isSaved).toBe(true)
  })
})

test('a rejection that arrives after a step 2 sent the edit again changes nothing', () => {
  ledger.edited(EDIT)
  ledger.sentUpdate()
  ledger.sentStep2()
  ledger.reject(1)
  expect(ledger.hasUnsent).toBe(false)
  ledger.reject(2)
  expect(ledger.hasUnsent).toBe(true)
})

test('a discarded edit that is in flight counts as unsaved until it is decided', () => {
  ledger.edited(EDIT)
  ledger.sentUpdate()
  ledger.discard()
  expect(ledger.isSaved).toBe(false)
  ledger.reject(1)
  ledger.acknowledge(1)
  expect(ledger.isSaved).toBe(true)
})
