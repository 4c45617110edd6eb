import type { StoredDocument } from '@mindfuse/internal'
import { decodeFrame } from '@mindfuse/protocol'
import { createLogger } from '@mindfuse/service-kit'
import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Connection } from '../connection/connection.ts'
import { Rates } from '../connection/rates.ts'
import { UnreadDocuments } from '../connection/unread-documents.ts'
import { BoardDelivery } from '../delivery/board-delivery.ts'
import { DeliveryClock } from '../delivery/delivery-clock.ts'
import { loadDocument } from '../document/load-document.ts'
import { People } from '../person/people.ts'
import type { BoardRelay } from '../relay/board-relay.ts'
import { Batcher } from '../storage/batcher.ts'
import { BoardSync } from './board-sync.ts'
import type { LostPositions } from './stored-position.ts'

const log = createLogger({ service: 'test', level: 'silent' })

/** What is stored of the board: updates of any gateway, numbered from 1. */
let stored: Uint8Array[]
let lost: LostPositions[]
let mayRelay: boolean
let batcher: Batcher
let people: People
beforeEach(() => {
  stored = []
  lost = []
  mayRelay = true
  isAlone = true
  relayed = 0
  people = new People()
  batcher = new Batcher({
    people,
    api: {
      append: async (batch) => ({
        results: batch.map(({ boardId, updates }) => {
          stored.push(...updates.map(({ update }) => update))
          return { boardId, status: 'stored' as const, seq: stored.length }
        }),
      }),
    },
    log,
    events: { onBatch: () => undefined, onDelayed: () => undefined },
  })
})

const NOTHING = { seq: 0, snapshot: null, updates: [], seqs: [] }

let isAlone: boolean
let relayed: number
const relay: Pick<BoardRelay, 'isAlone' | 'sequence' | 'sendUnlessAlone'> = {
  get isAlone() {
    return isAlone
  },
  sequence: 1,
  sendUnlessAlone: () => ++relayed,
}

/** A client of the board that applies what it is sent, and a board as it is loaded. */
async function open(read: StoredDocument) {
  const doc = new Y.Doc()
  const clock = new DeliveryClock()
  const reader = {
    cork: (send: () => void) => send(),
    send: (frame: Uint8Array) => {
      const { kind, ...rest } = decodeFrame(frame)
      if (kind === 'update') Y.applyUpdate(doc, (rest as { update: Uint8Array }).update)
    },
  }
  const members = new Set([reader as Connection])
  const { document } = await loadDocument(read)
  const position = { seq: read.seq, incarnation: undefined, replacedSeq: 0 }
  const sync = new BoardSync(document, position, {
    boardId: 'board',
    members,
    delivery: new BoardDelivery(members, clock),
    batcher,
    unread: new UnreadDocuments(people),
    people,
    relay: relay as BoardRelay,
    relayedBytes: { take: () => mayRelay },
    isQuotaUsedUp: () => false,
    onAnswer: () => undefined,
    onRoomNeeded: () => true,
    onEditRefused: () => undefined,
    onAllStored: () => undefined,
    onRefused: () => undefined,
    onLost: (positions) => lost.push(positions),
    log,
  })
  return { doc, document, sync, deliver: () => clock.flush() }
}

/** Edits of two people who receive each other's now and then, in the order they are stored. */
const edits = fc
  .array(
    fc.record({
      who: fc.nat(1),
      key: fc.nat(3),
      receives: fc.boolean(),
      at: fc.nat(9),
      erases: fc.boolean(),
    }),
    { minLength: 2, maxLength: 25 },
  )
  .map((steps) => {
    const updates: Uint8Array[] = []
    const docs = [1, 2].map((clientID) => {
      const doc = new Y.Doc()
      doc.clientID = clientID
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        if (origin !== 'other') updates.push(update)
      })
      return doc
    }) as [Y.Doc, Y.Doc]
    for (const { who, key, receives, at, erases } of steps) {
      const doc = docs[who]!
      const text = doc.getText('text')
      if (receives) Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[1 - who]!), 'other')
      if (erases && text.length > 0) text.delete(at % text.length, 1)
      else text.insert(Math.min(at, text.length), 'abc')
      doc.getMap('map').set(`k${key}`, at)
    }
    return updates
  })

const load = (updates: Uint8Array[]) => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}
const contentOf = (doc: Y.Doc) => [doc.getText('text').toString(), doc.getMap('map').toJSON()]

test('a reloaded board keeps what is not stored yet, and clients get what is new to them', async () => {
  await fc.assert(
    fc.asyncProperty(edits, fc.nat(), fc.nat(), async (updates, first, second) => {
      const seqs = updates.map((_, i) => i + 1)
      const known = first % (updates.length + 1)
      const { doc, sync, deliver } = await open({
        seq: known,
        snapshot: null,
        updates: updates.slice(0, known),
        seqs: seqs.slice(0, known),
      })
      for (const update of updates.slice(0, known)) Y.applyUpdate(doc, update)

      // The API compacted up to somewhere: what it holds may be more or less than what is known here.
      const stored = second % (updates.length + 1)
      const snapshot = Y.encodeStateAsUpdate(load(updates.slice(0, stored)))
      const reloaded = await loadDocument({ seq: stored, snapshot, updates: [], seqs: [] })
      sync.replace(reloaded.document, stored)
      deliver()

      const both = load(updates.slice(0, Math.max(known, stored)))
      expect(contentOf(doc)).toEqual(contentOf(both))
      expect(reloaded.document.stateVector).toEqual(Y.encodeStateVector(both))
      expect(sync.knownSeq).toBe(Math.max(known, stored))
      const joiner = load([reloaded.document.diff(Uint8Array.of(0))])
      expect(contentOf(joiner)).toEqual(contentOf(both))
    }),
  )
})

test('an update that is read before its dependency reaches clients once that is read', async () => {
  const updates: Uint8Array[] = []
  const author = new Y.Doc()
  author.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of ['one', 'two', 'three']) author.getArray('words').push([word])
  const [one, two, three] = updates as [Uint8Array, Uint8Array, Uint8Array]
  const { doc, sync, deliver } = await open({ seq: 0, snapshot: null, updates: [], seqs: [] })

  sync.catchUp({ seq: 2, snapshot: null, updates: [one, three], seqs: [1, 2] })
  expect(doc.getArray('words').toArray()).toEqual(['one'])
  expect(sync.knownSeq).toBe(2)
  sync.catchUp({ seq: 3, snapshot: null, updates: [two], seqs: [3] })
  deliver()
  expect(doc.getArray('words').toArray()).toEqual(['one', 'two', 'three'])
})

test('unreadable updates are reported', async () => {
  const { sync } = await open({ seq: 0, snapshot: null, updates: [], seqs: [] })
  const bad = Uint8Array.of(1, 1, 1, 1, 1, 1)
  const leftOut = sync.catchUp({ seq: 9, snapshot: null, updates: [bad, bad], seqs: [4, 9] })
  expect(leftOut).toEqual({ seqs: [4, 9], snapshot: false, dropped: 0 })
  expect(sync.knownSeq).toBe(9)
})

test('SYNC-5: a stored update with a dependency that is not stored yet reaches clients on a reload', async () => {
  const author = new Y.Doc()
  const updates: Uint8Array[] = []
  author.on('update', (update: Uint8Array) => updates.push(update))
  author.getText('text').insert(0, 'first')
  const other = new Y.Doc()
  Y.applyUpdate(other, updates[0]!)
  other.on('update', (update: Uint8Array) => updates.push(update))
  other.getText('text').insert(5, ', second')

  const { doc, sync, deliver } = await open({ seq: 0, snapshot: null, updates: [], seqs: [] })
  sync.receiveRelayed('another', 1, { userId: crypto.randomUUID(), update: updates[0]! })
  const stored = { seq: 1, snapshot: null, updates: [updates[1]!], seqs: [1] }
  sync.replace((await loadDocument(stored)).document, 1)
  deliver()
  expect(doc.getText('text').toString()).toBe('first, second')
})

test('RELAY-1: an edit beyond what may be relayed is stored and delivered all the same', async () => {
  const { doc, sync, deliver } = await open({ seq: 0, snapshot: null, updates: [], seqs: [] })
  const author = new Y.Doc()
  const drawing = { userId: crypto.randomUUID(), role: 'editor', rates: new Rates() }
  const sender = { ...drawing, acknowledge: () => undefined } as unknown as Connection
  author.on('update', (update: Uint8Array) => sync.receive(sender, 'update', update))
  mayRelay = false
  author.getArray('words').push(['one'])
  expect(relayed).toBe(1)
  isAlone = false
  author.getArray('words').push(['two'])
  expect(relayed).toBe(1)
  mayRelay = true
  author.getArray('words').push(['three'])
  expect(relayed).toBe(2)
  deliver()
  expect(doc.getArray('words').toArray()).toEqual(['one', 'two', 'three'])
  isAlone = true
  await batcher.flush()
  expect(stored).toHaveLength(3)
})

test('knows everything up to its own stored updates, unless others were stored in between', async () => {
  const { sync } = await open({ seq: 0, snapshot: null, updates: [], seqs: [] })
  const author = new Y.Doc()
  const drawing = { userId: crypto.randomUUID(), role: 'editor', rates: new Rates() }
  const sender = { ...drawing, acknowledge: () => undefined } as unknown as Connection
  const draw = (word: string) => {
    author.once('update', (update: Uint8Array) => sync.receive(sender, 'update', update))
    author.getArray('words').push([word])
  }

  draw('one')
  draw('two')
  expect(sync.hasUnsaved).toBe(true)
  await batcher.flush()
  expect(sync.hasUnsaved).toBe(false)
  expect(sync.knownSeq).toBe(2)

  const other = new Y.Doc()
  other.getArray('words').push(['three'])
  stored.push(Y.encodeStateAsUpdate(other))
  draw('four')
  await batcher.flush()
  expect(stored).toHaveLength(4)
  expect(sync.knownSeq).toBe(2)
})

test('STORE-18: what the database lost is stored again before anything counts as saved', async () => {
  const { sync } = await open(NOTHING)
  const author = new Y.Doc()
  const saved: number[] = []
  const sender = {
    userId: crypto.randomUUID(),
    role: 'editor',
    rates: new Rates(),
    ledger: { receive: () => 1, addPending: () => undefined, store: (n: number) => saved.push(n) },
    acknowledge: () => undefined,
    acknowledgeNow: () => undefined,
  } as unknown as Connection
  const words = author.getArray('words')
  const draw = async (word: string) => {
    author.once('update', (update: Uint8Array) => sync.receive(sender, 'update', update))
    words.push([word])
    await batcher.flush()
  }
  for (const word of ['one', 'two', 'three']) await draw(word)
  expect(saved).toEqual([1, 1, 1])

  // What others store meanwhile waits for what is lost.
  stored.length = 1
  await draw('four')
  await draw('five')
  expect(saved).toEqual([1, 1, 1])
  expect(lost).toEqual([{ from: 1, to: 3 }])
  expect(sync).toMatchObject({ isInDoubt: true, hasUnsaved: true })

  const updates = [...stored]
  const { document } = await loadDocument({ ...NOTHING, seq: 3, updates, seqs: [1, 2, 3] })
  const restored = sync.restore({ document, seq: 3, incarnation: undefined }, sender.userId)
  await draw('six')
  await restored?.done
  expect(saved).toEqual([1, 1, 1, 3])
  expect(sync).toMatchObject({ isInDoubt: false, hasUnsaved: false, knownSeq: 5 })
  const reader = new Y.Doc()
  for (const update of stored) Y.applyUpdate(reader, update)
  expect(reader.getArray('words').toArray()).toEqual(words.toArray())
})

test('STORE-18: what only the database has is received, and nothing is stored twice', async () => {
  const author = new Y.Doc()
  const updates: Uint8Array[] = []
  author.on('update', (update: Uint8Array) => updates.push(update))
  for (const word of ['one', 'two', 'three']) author.getArray('words').push([word])
  const [first, second, third] = updates as [Uint8Array, Uint8Array, Uint8Array]
  const { sync, doc, deliver } = await open({ ...NOTHING, seq: 1, updates: [first], seqs: [1] })
  Y.applyUpdate(doc, first)
  const { document } = await loadDocument({
    ...NOTHING,
    seq: 2,
    updates: [first, third],
    seqs: [1, 2],
  })

  sync.doubt({ from: 1, to: 1 })
  const restored = sync.restore({ document, seq: 2, incarnation: 'another' }, crypto.randomUUID())
  await restored?.done
  expect(restored?.bytes).toBe(0)
  expect(stored).toEqual([])
  // It also knows what waits there for a missing one.
  sync.catchUp({ ...NOTHING, seq: 3, updates: [second], seqs: [3] })
  deliver()
  expect(doc.getArray('words').toArray()).toEqual(['one', 'two', 'three'])
})
