import { encodeUpdate } from '@mindfuse/protocol'
import { awarenessFrame } from '@mindfuse/testing'
import { expect, test } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, mergeUpdates } from 'yjs'
import { CLIENT_ID_BASE, scanAwareness, scanUpdate } from './scan.ts'

type Items = [person: number, from: number, to: number][]

function draw(person: number, count: number): Uint8Array[] {
  const doc = new Doc()
  doc.clientID = CLIENT_ID_BASE + person
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (let i = 0; i < count; i++) {
    doc.getMap('shapes').set(`shape-${person}-${i % 3}`, { x: i * 1.25, y: i / 3, name: 'é' })
  }
  return updates
}

function itemsOf(update: Uint8Array): Items {
  const items: Items = []
  scanUpdate(encodeUpdate(update), 2, (...item) => items.push(item))
  return items
}

test('an update of one person is read by its head', () => {
  const updates = draw(7, 5)
  expect(updates.map(itemsOf)).toEqual([0, 1, 2, 3, 4].map((i) => [[7, i, i + 1]]))
})

test('in updates merged of several people each has what they drew', () => {
  const merged = mergeUpdates([...draw(1, 4), ...draw(300, 7), ...draw(2, 1).slice(0)])
  expect(itemsOf(merged)).toEqual([
    [300, 0, 7],
    [2, 0, 1],
    [1, 0, 4],
  ])
})

test('what a document has collected as garbage counts by its length', () => {
  const doc = new Doc()
  for (const update of [...draw(1, 9), ...draw(2, 9)]) applyUpdate(doc, update)
  expect(itemsOf(encodeStateAsUpdate(doc))).toEqual([
    [2, 0, 9],
    [1, 0, 9],
  ])
})

test('each state of an awareness update is found, behind a prefix too', () => {
  const entries = [3, 0, 99].map((person) => ({
    clientId: CLIENT_ID_BASE + person,
    clock: 20_000 + person,
    state: '{"cursor":{"x":1,"y":2},"name":"é"}',
  }))
  const frame = awarenessFrame(...entries)
  const items: Items = []
  scanAwareness(Buffer.concat([Buffer.from('prefix'), frame]), 6 + 1, (...item) => items.push(item))
  expect(items).toEqual([3, 0, 99].map((person) => [person, 20_000 + person, 20_001 + person]))
})
