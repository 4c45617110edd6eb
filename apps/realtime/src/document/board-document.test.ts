import { createHash } from 'node:crypto'
import {
  DeletedRanges,
  decodeFrame,
  encodeStateVector,
  encodeVarUints,
  inspectUpdate,
  MAX_BOARD_CLIENTS,
  MAX_BOARD_DELETES,
  MAX_UPDATE_CLIENTS,
  MalformedUpdateError,
} from '@mindfuse/protocol'
import fc from 'fast-check'
import {
  createEncoder,
  toUint8Array,
  writeUint8,
  writeVarString,
  writeVarUint,
} from 'lib0/encoding'
import { assert, describe, expect, onTestFinished, test, vi } from 'vitest'
import * as Y from 'yjs'
import { BoardDocument } from './board-document.ts'
import { loadDocument, UnreadableSnapshotError } from './load-document.ts'

const NOTHING_KNOWN = Uint8Array.of(0)
const EMPTY_UPDATE = Uint8Array.of(0, 0)
const BAD = Uint8Array.of(1, 1, 1, 1, 1, 1)

function docOf(clientID: number): Y.Doc {
  const doc = new Y.Doc()
  doc.clientID = clientID
  return doc
}

function load(...updates: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

/** What a document holds; fails where it waits for something it never got. */
function contentOf(doc: Y.Doc) {
  expect(doc.store.pendingStructs).toBeNull()
  expect(doc.store.pendingDs).toBeNull()
  return {
    text: doc.getText('text').toJSON(),
    map: doc.getMap('map').toJSON(),
    list: doc.getArray('list').toJSON(),
    stateVector: Y.encodeStateVector(doc),
  }
}

/** What a client compares with the document's digest. */
function digestOf(doc: Y.Doc): string {
  const stateVector = Y.encodeStateVector(doc)
  const deletes = Y.encodeStateAsUpdate(doc, stateVector)
  return createHash('sha256').update(stateVector).update(deletes).digest('base64url')
}

/** A document, and the updates that it was made with, one for each character. */
function typed(text: string, clientID = 7) {
  const doc = docOf(clientID)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const [i, character] of [...text].entries()) doc.getText('text').insert(i, character)
  return { doc, updates }
}

const empty = () => new BoardDocument()

/** A document as it is loaded from what is stored. */
async function loaded(snapshot: Uint8Array | null, updates: Uint8Array[]): Promise<BoardDocument> {
  const seqs = updates.map((_, i) => i + 1)
  const result = await loadDocument({ seq: updates.length, snapshot, updates, seqs })
  expect(result).toMatchObject({ leftOut: { seqs: [], dropped: 0 } })
  return result.document
}

/** The updates that bring a client up to date, of which only the last frame is a step 2. */
function diff(document: BoardDocument, stateVector: Uint8Array): Uint8Array[] {
  const frames = document
    .answer(stateVector)
    .frames.map(({ parts }) => decodeFrame(Uint8Array.from(Buffer.concat(parts))))
  expect(frames.map(({ kind }) => kind)).toEqual([
    ...frames.slice(1).map(() => 'update'),
    'sync-step-2',
  ])
  return frames.map((frame) => (frame as { update: Uint8Array }).update)
}

describe('a board that was never drawn on', () => {
  test('holds nothing, and has an empty state vector', () => {
    const document = empty()
    expect(document.stateVector).toEqual(NOTHING_KNOWN)
    expect(diff(document, NOTHING_KNOWN)).toEqual([EMPTY_UPDATE])
    expect(diff(document, encodeStateVector(new Map([[7, 3]])))).toEqual([EMPTY_UPDATE])
  })
})

describe('a stored board', () => {
  test('is the snapshot and the updates after it', async () => {
    const { doc, updates } = typed('hello')
    const snapshot = Y.mergeUpdates(updates.slice(0, 3))
    const document = await loaded(snapshot, updates.slice(3))
    expect(document.stateVector).toEqual(Y.encodeStateVector(doc))
    expect(contentOf(load(...diff(document, NOTHING_KNOWN)))).toEqual(contentOf(doc))
  })

  test('goes to a new client as the stored bytes, in one frame for all', async () => {
    const snapshot = Y.encodeStateAsUpdate(typed('hello').doc)
    const document = await loaded(snapshot, [])
    expect(diff(document, NOTHING_KNOWN)).toEqual([snapshot, EMPTY_UPDATE])
    const strangers = encodeStateVector(new Map([[99, 4]]))
    const [frame, rest] = document.answer(NOTHING_KNOWN).frames
    expect(document.answer(strangers).frames[0]).toBe(frame)

    const edit = docOf(8)
    edit.getMap('map').set('k', 1)
    document.apply(Y.encodeStateAsUpdate(edit))
    expect(document.answer(NOTHING_KNOWN).frames[0]).toBe(frame)
    expect(document.answer(NOTHING_KNOWN).frames[1]).not.toEqual(rest)
    expect(diff(document, NOTHING_KNOWN)[1]).toEqual(Y.encodeStateAsUpdate(edit))
  })

  test('whose snapshot cannot be read is an error, never an empty board', async () => {
    const stored = { seq: 1, snapshot: BAD, updates: [], seqs: [] }
    await expect(loadDocument(stored)).rejects.toThrow(UnreadableSnapshotError)
  })

  test('opens without the updates that cannot be read, and names them', async () => {
    const { doc, updates } = typed('hi')
    const stored = { seq: 9, snapshot: null, updates: [BAD, updates[0]!, BAD, updates[1]!] }
    const result = await loadDocument({ ...stored, seqs: [3, 4, 7, 9] })
    expect(result.leftOut.seqs).toEqual([3, 7])
    expect(contentOf(load(...diff(result.document, NOTHING_KNOWN)))).toEqual(contentOf(doc))
  })

  test('keeps an update with a missing dependency pending until that is there', async () => {
    const { doc, updates } = typed('abcd')
    const [a, b, c, d] = updates as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const document = await loaded(null, [a, d, c])
    expect(
      load(...diff(document, NOTHING_KNOWN))
        .getText('text')
        .toJSON(),
    ).toBe('a')
    expect(document.applyPending()).toEqual([])
    expect(document.apply(b)).toMatchObject({ kind: 'applied', update: b })
    expect(document.applyPending().map(({ update }) => update)).toEqual([c, d])
    expect(contentOf(load(...diff(document, NOTHING_KNOWN)))).toEqual(contentOf(doc))

    // Stored again, it is kept once.
    const again = await loaded(null, [a, d, d, d])
    for (const update of [b, c]) again.apply(update)
    expect(again.applyPending().map(({ update }) => update)).toEqual([d])

    const inOneGo = await loaded(null, [d, c, b, a])
    expect(inOneGo.stateVector).toEqual(Y.encodeStateVector(doc))
  })

  test('reports how many pending updates were dropped when there are too many', async () => {
    const { updates } = typed('x'.repeat(1_010))
    const stored = { seq: 2_000, snapshot: null, updates: updates.slice(1) }
    const result = await loadDocument({ ...stored, seqs: updates.slice(1).map((_, i) => i + 1) })
    expect(result).toMatchObject({ leftOut: { seqs: [], dropped: 9 } })
  })

  test('knows the part of a snapshot before a gap, and receives the rest again', async () => {
    const { doc, updates } = typed('abcde')
    const [a, b, c, d, e] = updates as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const document = await loaded(Y.mergeUpdates([a, b, d, e]), [])
    expect(document.stateVector).toEqual(encodeStateVector(new Map([[7, 2]])))
    expect(document.apply(c).kind).toBe('applied')
    expect(document.stateVector).toEqual(encodeStateVector(new Map([[7, 3]])))
    const step2 = Y.encodeStateAsUpdate(doc, document.stateVector)
    expect(document.apply(step2).kind).toBe('applied')
    for (const known of [NOTHING_KNOWN, encodeStateVector(new Map([[7, 1]]))]) {
      const joiner = load(...(known === NOTHING_KNOWN ? [] : [a]), ...diff(document, known))
      expect(contentOf(joiner)).toEqual(contentOf(doc))
    }
  })

  test('that is large is loaded in turns, and a diff finds what is lacking anywhere in it', async () => {
    const doc = docOf(7)
    const states: Uint8Array[] = []
    for (let i = 0; i < 300; i++) {
      doc.getText('text').insert(i, `word${i} `)
      doc.getMap('map').set(`key ${i}`, 'x'.repeat(20_000))
      if (i % 50 === 25) states.push(Y.encodeStateAsUpdate(doc))
    }
    const snapshot = Y.encodeStateAsUpdate(doc)
    expect(snapshot.length).toBeGreaterThan(5_000_000)
    let turns = 0
    const count = () => {
      turns++
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    const document = await loaded(snapshot, [])
    clearImmediate(timer)
    expect(turns).toBeGreaterThan(1)
    for (const state of states) {
      const joiner = load(state)
      const updates = diff(document, Y.encodeStateVector(joiner))
      for (const update of updates) Y.applyUpdate(joiner, update)
      expect(contentOf(joiner)).toEqual(contentOf(doc))
    }
  })
})

describe('an update', () => {
  test('is applied unchanged, and goes to clients that lack it', () => {
    const { doc, updates } = typed('hi')
    const document = empty()
    const [first, second] = updates as [Uint8Array, Uint8Array]
    expect(document.apply(first)).toMatchObject({ kind: 'applied', update: first })
    const between = document.stateVector
    expect(document.apply(second)).toMatchObject({ kind: 'applied', update: second })
    expect(document.stateVector).toEqual(Y.encodeStateVector(doc))
    expect(diff(document, between)).toEqual([second])
    expect(contentOf(load(...diff(document, NOTHING_KNOWN)))).toEqual(contentOf(doc))
  })

  test('with a gap before it changes nothing', () => {
    const { updates } = typed('abc')
    const document = empty()
    document.apply(updates[0]!)
    const { stateVector } = document
    const before = diff(document, NOTHING_KNOWN)
    expect(document.apply(updates[2]!)).toEqual({ kind: 'gap' })
    expect(document.apply(Y.mergeUpdates([updates[0]!, updates[2]!]))).toEqual({ kind: 'gap' })
    expect(document.stateVector).toEqual(stateVector)
    expect(diff(document, NOTHING_KNOWN)).toEqual(before)

    expect(document.apply(updates[1]!).kind).toBe('applied')
    expect(document.apply(updates[2]!).kind).toBe('applied')
    expect(
      load(...diff(document, NOTHING_KNOWN))
        .getText('text')
        .toJSON(),
    ).toBe('abc')
  })

  test('SYNC-7: that repeats something known goes on with its new part alone', () => {
    const { doc, updates } = typed('hello')
    const document = empty()
    for (const update of updates.slice(0, 3)) document.apply(update)
    const outcome = document.apply(Y.encodeStateAsUpdate(doc))
    if (outcome.kind !== 'applied') throw new Error(outcome.kind)
    expect(inspectUpdate(outcome.update).ranges).toMatchObject([
      { client: 7, from: 3, to: 5, gapEnd: 0 },
    ])
    expect(contentOf(load(...updates.slice(0, 3), outcome.update))).toEqual(contentOf(doc))
  })

  test('trimmed so applies to a client that garbage-collected the known part', () => {
    const collected = Uint8Array.of(1, 1, 5, 0, 0, 3, 0)
    const text = Uint8Array.of(1, 1, 5, 0, 4, 1, 1, 0x74, 5, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0)
    expect(() => load(collected, text)).toThrow()

    const document = empty()
    document.apply(collected)
    const outcome = document.apply(text)
    if (outcome.kind !== 'applied') throw new Error(outcome.kind)
    const doc = load(collected, outcome.update)
    expect(Y.encodeStateVector(doc)).toEqual(document.stateVector)
    expect(() => load(...diff(document, NOTHING_KNOWN))).not.toThrow()
  })

  test.each<[string, (known: Uint8Array[]) => Uint8Array]>([
    ['holds nothing', () => EMPTY_UPDATE],
    ['is known already', (known) => known[1]!],
    ['is the beginning of what is known', (known) => Y.mergeUpdates(known.slice(0, 2))],
    ['is all that is known', (known) => Y.mergeUpdates(known)],
  ])('SYNC-8: that %s is neither relayed nor stored', (_, updateOf) => {
    const { updates } = typed('abc')
    const document = empty()
    for (const update of updates) document.apply(update)
    const before = diff(document, NOTHING_KNOWN)
    expect(document.apply(updateOf(updates))).toEqual({ kind: 'empty' })
    expect(diff(document, NOTHING_KNOWN)).toEqual(before)
  })

  test('that only deletes is applied', () => {
    const { doc, updates } = typed('abc')
    const document = empty()
    for (const update of updates) document.apply(update)
    doc.getText('text').delete(0, 2)
    const deletion = updates.at(-1)!
    expect(document.apply(deletion)).toMatchObject({ kind: 'applied', update: deletion })
    expect(
      load(...diff(document, NOTHING_KNOWN))
        .getText('text')
        .toJSON(),
    ).toBe('c')
    // A client that knows every struct still has to receive it.
    expect(
      contentOf(load(...updates.slice(0, 3), ...diff(document, document.stateVector))).text,
    ).toBe('c')
  })

  test('of values, each added to a list alone, waits until the board is merged', () => {
    const document = empty()
    let clock = 0
    const push = (count: number) => {
      const encoder = createEncoder()
      for (const value of [1, count, 7, clock]) writeVarUint(encoder, value)
      for (const end = clock + count; clock < end; clock++) {
        if (clock === 0) for (const value of [8, 1, 1, 0x78, 1, 126]) writeUint8(encoder, value)
        else {
          writeUint8(encoder, 0x88)
          for (const value of [7, clock - 1, 1, 126]) writeVarUint(encoder, value)
        }
      }
      writeVarUint(encoder, 0)
      return toUint8Array(encoder)
    }
    expect(document.apply(push(5_000)).kind).toBe('applied')
    expect(document.isCostlyToMerge).toBe(false)
    expect(document.apply(push(4_990)).kind).toBe('applied')
    expect(document.isCostlyToMerge).toBe(true)
    expect(document.apply(push(100))).toEqual({ kind: 'refused', code: 'unmerged' })
    // What copies nothing is accepted.
    const other = new Y.Doc()
    other.getMap('shapes').set('a', 1)
    expect(document.apply(Y.encodeStateAsUpdate(other)).kind).toBe('applied')
  })

  test('of a key that is set again and again costs nothing to merge', () => {
    const document = empty()
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (let i = 0; i < 12_000; i++) doc.getMap('shapes').set('x', i)
    for (const update of updates) expect(document.apply(update).kind).toBe('applied')
    expect(document.isCostlyToMerge).toBe(false)
  })

  test('of more clients than a peer may send is accepted from a trusted source', async () => {
    const encoder = createEncoder()
    const write = (...values: number[]) => {
      for (const value of values) writeVarUint(encoder, value)
    }
    write(MAX_UPDATE_CLIENTS + 1)
    // Of each client, from high to low, one collected struct of length 1 at clock 0.
    for (let client = MAX_UPDATE_CLIENTS; client >= 0; client--) write(1, client, 0, 0, 1)
    write(0)
    const update = toUint8Array(encoder)
    const document = empty()
    expect(document.apply(update)).toEqual({ kind: 'refused', code: 'too_complex' })
    expect(document.apply(update, { trusted: true }).kind).toBe('applied')
    expect(document.apply(update, { trusted: true }).kind).toBe('empty')
    const reloaded = await loaded(update, [])
    expect(reloaded.stateVector).toEqual(document.stateVector)
  })

  test('counts towards the bytes kept, and one that holds nothing new does not', async () => {
    const { doc, updates } = typed('hello')
    const snapshot = Y.mergeUpdates(updates.slice(0, 2))
    const document = await loaded(snapshot, updates.slice(2))
    const sum = updates.slice(2).reduce((bytes, { length }) => bytes + length, snapshot.length)
    expect(document.byteLength).toBe(sum)
    document.apply(updates[4]!)
    document.apply(Y.encodeStateAsUpdate(doc))
    expect(document.byteLength).toBe(sum)
  })

  test('that is malformed is refused and changes nothing', () => {
    const { updates } = typed('a')
    const document = empty()
    document.apply(updates[0]!)
    const before = diff(document, NOTHING_KNOWN)
    for (const bad of [[], [1], [1, 1, 1, 1, 1, 1], [0, 0, 0]]) {
      expect(() => document.apply(Uint8Array.from(bad))).toThrow(MalformedUpdateError)
    }
    expect(diff(document, NOTHING_KNOWN)).toEqual(before)
  })
})

describe('deletes', () => {
  /** A client that typed, erased and overwrote, and a board that has all of it. */
  function erased() {
    const { doc, updates } = typed('hello')
    doc.getText('text').delete(1, 3)
    doc.getMap('map').set('k', 1)
    doc.getMap('map').set('k', 2)
    const document = empty()
    for (const update of updates) document.apply(update)
    return { doc, updates, document }
  }

  test('that a step 2 repeats are neither relayed nor stored', async () => {
    const { doc, updates, document } = erased()
    const step2 = Y.encodeStateAsUpdate(doc, document.stateVector)
    expect(inspectUpdate(step2)).toMatchObject({ isEmpty: false, structs: 0 })
    expect(document.apply(step2)).toEqual({ kind: 'empty' })
    expect(document.apply(Y.encodeStateAsUpdate(doc))).toEqual({ kind: 'empty' })

    for (const snapshot of [null, Y.encodeStateAsUpdate(doc)]) {
      const reloaded = await loaded(snapshot, snapshot ? [] : updates)
      expect(reloaded.apply(step2)).toEqual({ kind: 'empty' })
    }
  })

  test('that are new among known ones are applied, once', () => {
    const { doc, document } = erased()
    doc.getText('text').delete(0, 1)
    const step2 = Y.encodeStateAsUpdate(doc, document.stateVector)
    expect(document.apply(step2)).toMatchObject({ kind: 'applied', update: step2 })
    expect(document.apply(step2)).toEqual({ kind: 'empty' })
    expect(contentOf(load(...diff(document, NOTHING_KNOWN)))).toEqual(contentOf(doc))
  })

  test('are not known from an update that left a gap', () => {
    const { doc, updates } = typed('ab')
    doc.getText('text').delete(0, 2)
    const [first, ...rest] = updates as [Uint8Array, ...Uint8Array[]]
    const skipping = Y.mergeUpdates(rest)
    const document = empty()
    expect(document.apply(skipping)).toEqual({ kind: 'gap' })
    expect(document.apply(first).kind).toBe('applied')
    expect(document.apply(updates.at(-1)!).kind).toBe('applied')
  })

  test('of what is yet to come are kept for it', () => {
    const { doc, updates } = typed('abc')
    doc.getText('text').delete(0, 2)
    const document = empty()
    expect(document.apply(updates.at(-1)!).kind).toBe('applied')
    expect(document.apply(updates.at(-1)!).kind).toBe('empty')
    for (const update of updates.slice(0, 3)) expect(document.apply(update).kind).toBe('applied')
    expect(contentOf(load(...diff(document, NOTHING_KNOWN)))).toEqual(contentOf(doc))
  })

  test('go with every diff; without any, a client that missed nothing is sent nothing', () => {
    const { doc, updates } = typed('abc')
    const document = empty()
    for (const update of updates) document.apply(update)
    const { stateVector } = document
    expect(diff(document, stateVector)).toEqual([EMPTY_UPDATE])

    doc.getText('text').delete(0, 1)
    document.apply(updates.at(-1)!)
    expect(diff(document, stateVector)).toEqual([updates.at(-1)])
  })
})

test('a malformed state vector gets no answer', () => {
  expect(() => diff(empty(), Uint8Array.of(9, 9))).toThrow(
    expect.objectContaining({ name: 'MalformedStateVectorError' }),
  )
})

describe('random concurrent editing', () => {
  /** A client, with its frames in flight in both directions. */
  interface Client {
    doc: Y.Doc
    outbox: Uint8Array[]
    inbox: Uint8Array[]
  }

  const CLIENTS = 3
  const editOf = (...kinds: string[]) =>
    fc.record({
      kind: fc.constantFrom(...kinds),
      at: fc.nat(30),
      size: fc.integer({ min: 1, max: 5 }),
    })
  const edit = editOf('insert', 'delete', 'set', 'unset', 'push', 'nest', 'shift')
  const step = fc.record({
    client: fc.nat(CLIENTS - 1),
    action: fc.oneof(
      { weight: 6, arbitrary: edit },
      { weight: 4, arbitrary: fc.constant('send' as const) },
      { weight: 4, arbitrary: fc.constant('receive' as const) },
      { weight: 1, arbitrary: fc.constant('lose' as const) },
      { weight: 1, arbitrary: fc.constant('reconnect' as const) },
      { weight: 1, arbitrary: fc.constant('reload' as const) },
      { weight: 1, arbitrary: fc.constant('remember' as const) },
    ),
  })

  function perform(doc: Y.Doc, { kind, at, size }: { kind: string; at: number; size: number }) {
    const text = doc.getText('text')
    const map = doc.getMap('map')
    const list = doc.getArray<unknown>('list')
    const from = Math.min(at, text.length)
    if (kind === 'insert') text.insert(from, 'abcdefgh'.slice(0, size))
    if (kind === 'delete') text.delete(from, Math.min(size, text.length - from))
    if (kind === 'set') map.set(`k${at % 3}`, size)
    if (kind === 'unset') map.delete(`k${at % 3}`)
    if (kind === 'push') list.push(Array.from({ length: size }, (_, i) => i))
    if (kind === 'nest') list.push([new Y.Map([['inner', size]])])
    if (kind === 'shift' && list.length > 0) list.delete(0, Math.min(size, list.length))
  }

  test('the diff for any state vector brings any client to the same document', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        let document = empty()
        const stored: Uint8Array[] = []
        const remembered: Uint8Array[] = []
        const clients: Client[] = Array.from({ length: CLIENTS }, (_, i) => {
          const client: Client = { doc: docOf(i + 1), outbox: [], inbox: [] }
          client.doc.on('update', (update: Uint8Array, origin: unknown) => {
            if (origin !== 'server') client.outbox.push(update)
          })
          return client
        })

        const receive = (client: Client) => {
          for (const update of client.inbox.splice(0)) Y.applyUpdate(client.doc, update, 'server')
        }
        const deliver = (from: Client, update: Uint8Array) => {
          const outcome = document.apply(update)
          if (outcome.kind === 'applied') {
            stored.push(outcome.update)
            for (const other of clients) if (other !== from) other.inbox.push(outcome.update)
          } else if (outcome.kind === 'gap') {
            // Asked for everything from the document's state vector on, it fills the gap.
            const whole = Y.encodeStateAsUpdate(from.doc, document.stateVector)
            const { kind } = document.apply(whole)
            expect(kind).toBe('applied')
            stored.push(whole)
            for (const other of clients) if (other !== from) other.inbox.push(whole)
          }
        }
        const reconnect = (client: Client) => {
          client.inbox = []
          client.outbox = []
          const stateVector = Y.encodeStateVector(client.doc)
          deliver(client, Y.encodeStateAsUpdate(client.doc, document.stateVector))
          for (const update of diff(document, stateVector)) {
            Y.applyUpdate(client.doc, update, 'server')
          }
        }

        for (const { client: i, action } of steps) {
          const client = clients[i]!
          if (action === 'send') {
            for (const update of client.outbox.splice(0)) deliver(client, update)
          } else if (action === 'receive') receive(client)
          else if (action === 'lose') client.outbox.shift()
          else if (action === 'reconnect') reconnect(client)
          else if (action === 'remember') remembered.push(Y.encodeStateAsUpdate(client.doc))
          else if (action === 'reload') {
            // As after a restart, the older half compacted through a document with gc.
            const half = stored.length >> 1
            const snapshot = half > 0 ? Y.encodeStateAsUpdate(load(...stored.slice(0, half))) : null
            document = await loaded(snapshot, stored.slice(half))
          } else perform(client.doc, action)
        }

        for (const client of [...clients, ...clients]) reconnect(client)
        const expected = contentOf(load(...diff(document, NOTHING_KNOWN)))
        expect(expected.stateVector).toEqual(document.stateVector)
        for (const { doc } of clients) expect(contentOf(doc)).toEqual(expected)
        for (const update of remembered) {
          const doc = load(update)
          for (const update of diff(document, Y.encodeStateVector(doc))) Y.applyUpdate(doc, update)
          expect(contentOf(doc)).toEqual(expected)
        }
        // A client that reconnects brings nothing, neither now nor with its state from before.
        for (const { doc } of clients) {
          const step2 = Y.encodeStateAsUpdate(doc, document.stateVector)
          expect(document.apply(step2)).toEqual({ kind: 'empty' })
        }
        for (const update of remembered) expect(document.apply(update)).toEqual({ kind: 'empty' })
        // They hold the same, and have the same digest.
        for (const { doc } of clients) expect(document.digest).toBe(digestOf(doc))
        // The relayed and stored updates make the same document.
        expect(contentOf(load(...stored))).toEqual(expected)
        const reloaded = await loaded(null, stored)
        expect(reloaded.stateVector).toEqual(document.stateVector)
      }),
      { numRuns: 150 },
    )
  })

  /** Updates of clients that edit and meet: live ones, what they sent each other, wholes. */
  const updatesBy = (edits: ReturnType<typeof editOf>) =>
    fc
      .array(
        fc.record({
          client: fc.nat(CLIENTS - 1),
          action: fc.oneof(
            { weight: 4, arbitrary: edits },
            { weight: 1, arbitrary: fc.record({ from: fc.nat(CLIENTS - 1) }) },
          ),
        }),
        { minLength: 5, maxLength: 40 },
      )
      .map((steps) => {
        const updates: Uint8Array[] = []
        const docs = Array.from({ length: CLIENTS }, (_, i) => docOf(i + 1))
        for (const doc of docs) {
          doc.on('update', (update: Uint8Array, origin: unknown) => {
            if (origin !== 'peer') updates.push(update)
          })
        }
        for (const { client, action } of steps) {
          const doc = docs[client]!
          if ('kind' in action) perform(doc, action)
          else {
            const sent = Y.encodeStateAsUpdate(docs[action.from]!, Y.encodeStateVector(doc))
            updates.push(sent)
            Y.applyUpdate(doc, sent, 'peer')
          }
        }
        return [...updates, ...docs.map((doc) => Y.encodeStateAsUpdate(doc))]
      })

  /** Whether applying an update would change a document that holds what this one holds. */
  function wouldChange(doc: Y.Doc, update: Uint8Array): boolean {
    const probe = load(Y.encodeStateAsUpdate(doc))
    const before = Y.encodeStateAsUpdate(probe)
    // Trimmed, since Yjs cannot take all overlaps.
    Y.applyUpdate(probe, Y.diffUpdate(update, Y.encodeStateVector(probe)))
    return Buffer.compare(before, Y.encodeStateAsUpdate(probe)) !== 0
  }

  /** Feeds all updates in random order and some of them again, gaps until they are filled. */
  function feed(
    updates: Uint8Array[],
    random: () => number,
    check: (wouldChange: boolean, outcome: 'applied' | 'empty') => void,
  ) {
    const document = empty()
    const doc = new Y.Doc()
    const waiting = [...updates, ...updates.filter(() => random() % 2 === 0)]
    while (waiting.length > 0) {
      const [update] = waiting.splice(random() % waiting.length, 1) as [Uint8Array]
      const changes = wouldChange(doc, update)
      const outcome = document.apply(update)
      assert(outcome.kind !== 'refused')
      if (outcome.kind === 'gap') {
        expect(changes).toBe(true)
        waiting.push(update)
        continue
      }
      check(changes, outcome.kind)
      if (outcome.kind === 'applied') Y.applyUpdate(doc, outcome.update)
      expect(document.apply(update)).toEqual({ kind: 'empty' })
    }
    const expected = contentOf(load(...updates))
    expect(contentOf(doc)).toEqual(expected)
    expect(contentOf(load(...diff(document, NOTHING_KNOWN)))).toEqual(expected)
  }

  const random = fc.infiniteStream(fc.nat(2 ** 20)).map((s) => () => s.next().value as number)

  test('of text and lists is applied exactly where it would change a Y.Doc', () => {
    const seen = { applied: 0, empty: 0 }
    fc.assert(
      fc.property(updatesBy(editOf('insert', 'delete', 'push', 'shift')), random, (updates, next) =>
        feed(updates, next, (changes, outcome) => {
          expect(outcome).toBe(changes ? 'applied' : 'empty')
          seen[outcome]++
        }),
      ),
      { numRuns: 150 },
    )
    expect(Math.min(seen.applied, seen.empty)).toBeGreaterThan(100)
  })

  test('of anything is applied wherever it would change a Y.Doc', () => {
    // Not only there: a client also lists what Yjs deleted by itself, which is new to us once.
    fc.assert(
      fc.property(updatesBy(edit), random, (updates, next) =>
        feed(updates, next, (changes, outcome) => {
          if (changes) expect(outcome).toBe('applied')
        }),
      ),
      { numRuns: 150 },
    )
  })
})

describe('deletes', () => {
  /** An update with structs of some clients, each after their first `clock`, and with deletes of others. */
  const updateOf = (clients: number, clock: number, deleted: { clients: number; from: number }) => {
    const encoder = createEncoder()
    const write = (...values: number[]) => {
      for (const value of values) writeVarUint(encoder, value)
    }
    write(clients)
    for (let client = clients; client >= 1; client--) {
      write(1, client, clock)
      if (clock === 0) {
        writeUint8(encoder, 8)
        write(1)
        writeVarString(encoder, 'list')
      } else {
        writeUint8(encoder, 0x88)
        write(client, clock - 1)
      }
      write(1)
      writeUint8(encoder, 126)
    }
    write(deleted.clients)
    for (let i = deleted.clients - 1; i >= 0; i--) write(deleted.from + i, 1, 0, 1)
    return toUint8Array(encoder)
  }
  const NONE = { clients: 0, from: 0 }

  /** One client's deleted ranges of one clock each, with one between them. */
  const rangesFrom = (clock: number, count: number) =>
    encodeVarUints([
      0,
      1,
      7,
      count,
      ...Array.from({ length: count }, (_, i) => [clock + 2 * i, 1]).flat(),
    ])

  test('LIM-18: time for an edit does not grow with its clients times those of its deletes', () => {
    const document = new BoardDocument()
    document.apply(updateOf(1_000, 0, NONE))
    const msFor = (edit: Uint8Array) => {
      const startedAt = performance.now()
      expect(document.apply(edit).kind).toBe('applied')
      return performance.now() - startedAt
    }
    const deletesAlone = msFor(updateOf(0, 0, { clients: 100_000, from: 5_000 }))
    const deletesAndStructs = msFor(updateOf(1_000, 1, { clients: 100_000, from: 105_000 }))
    // 16 times as long when each of the clients was looked for among all the others.
    expect(deletesAndStructs).toBeLessThan(5 * deletesAlone)
  })

  test('LIM-13: values of a key that name no other are refused, in a snapshot and edits together', async () => {
    const values = (from: number, client = 7) => {
      const item = [0x28, 1, 1, 0x78, 1, 0x61, 1, 0x7e]
      const items = Array(3_000).fill(item).flat()
      return Uint8Array.from([1, ...encodeVarUints([3_000, client, from]), ...items, 0])
    }
    const document = await loaded(values(0), [values(3_000)])
    for (const further of [values(6_000), values(0, 8)]) {
      expect(document.apply(further)).toEqual({ kind: 'refused', code: 'board_full' })
    }
    const doc = docOf(9)
    doc.getMap('x').set('b', 1)
    expect(document.apply(Y.encodeStateAsUpdate(doc)).kind).toBe('applied')
  })

  test('LIM-18: deletes of more than 200,000 clients are refused, in one edit and in several', () => {
    const document = new BoardDocument()
    const apply = (clients: number, from: number) =>
      document.apply(updateOf(0, 0, { clients, from }))
    expect(apply(MAX_BOARD_CLIENTS + 1, 1)).toEqual({ kind: 'refused', code: 'too_complex' })
    expect(apply(MAX_BOARD_CLIENTS, 1).kind).toBe('applied')
    expect(apply(1, MAX_BOARD_CLIENTS + 1)).toEqual({ kind: 'refused', code: 'board_full' })
    expect(apply(MAX_BOARD_CLIENTS, 1).kind).toBe('empty')
    const known = updateOf(1, 0, { clients: MAX_BOARD_CLIENTS, from: 1 })
    expect(document.apply(known).kind).toBe('applied')
  })

  test('LIM-18: more than 500,000 deleted ranges are refused, and those that are known count once', () => {
    const document = new BoardDocument()
    expect(document.apply(rangesFrom(0, MAX_BOARD_DELETES)).kind).toBe('applied')
    const one = rangesFrom(2 * MAX_BOARD_DELETES, 1)
    expect(document.apply(one)).toEqual({ kind: 'refused', code: 'board_full' })
    expect(document.apply(one, { trusted: true }).kind).toBe('applied')
    expect(document.apply(rangesFrom(0, MAX_BOARD_DELETES)).kind).toBe('empty')
  })
})

test('the answer of a client that has the same document is compared, not read', () => {
  const docs = [7, 9].map(docOf)
  const board = new BoardDocument()
  for (const doc of docs) {
    doc.getArray('words').insert(0, ['a', 'b', 'c', 'd'])
    doc.getArray('words').delete(1, 1)
    board.apply(Y.encodeStateAsUpdate(doc))
  }
  const doc = load(...docs.map((each) => Y.encodeStateAsUpdate(each)))
  const answer = Y.encodeStateAsUpdate(doc, board.stateVector)
  const fewer = Y.encodeStateAsUpdate(docs[0] as Y.Doc, board.stateVector)
  const covers = vi.spyOn(DeletedRanges.prototype, 'covers')
  onTestFinished(() => covers.mockRestore())
  expect(board.contains(answer)).toBe(true)
  expect(board.apply(answer)).toEqual({ kind: 'empty' })
  expect(covers).not.toHaveBeenCalled()
  expect(board.contains(fewer)).toBe(true)
  expect(covers).toHaveBeenCalled()

  doc.getArray('words').delete(0, 1)
  const more = Y.encodeStateAsUpdate(doc, board.stateVector)
  expect(board.contains(more)).toBe(false)
  expect(board.apply(more).kind).toBe('applied')
  expect(board.contains(more)).toBe(true)
  expect(board.contains(answer)).toBe(true)
})
