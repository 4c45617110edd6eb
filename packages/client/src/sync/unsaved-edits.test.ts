import { encodeVarUints } from '@mindfuse/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyUpdate, Doc, encodeStateAsUpdate, Map as YMap } from 'yjs'
import { newSecret } from './client-ids.ts'
import { adapt, contradicts } from './unsaved-edits.ts'

const CLIENT = 70_000
const SECRET = newSecret()
const isSent = () => 'sent' as const
const isUnsent = () => 'unsent' as const
const isUnknown = () => 'unknown' as const

/** A document with a list and a map in it, and what it emits from now on. */
function newDoc(clientID: number, from?: Doc) {
  const doc = new Doc()
  if (from) applyUpdate(doc, encodeStateAsUpdate(from))
  // Not before: Yjs would choose another if it is in use.
  doc.clientID = clientID
  const edits: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => edits.push(update))
  return { doc, edits }
}

type Step = { kind: number; at: number }
const steps = (minLength: number) =>
  fc.array(fc.record({ kind: fc.nat(3), at: fc.nat(1_000) }), { minLength, maxLength: 20 })

/** Inserts tokens that occur once, and deletes some. */
function edit(doc: Doc, tokens: string, { kind, at }: Step, i: number): void {
  const list = doc.getArray<unknown>('list')
  const text = doc.getText('text')
  const token = `<${tokens}${i}>`
  if (kind === 0) list.insert(at % (list.length + 1), [token])
  else if (kind === 1) text.insert(text.length, token)
  else if (kind === 2) doc.getMap('shapes').set(token, new YMap([['label', token]]))
  else if (list.length > 0) list.delete(at % list.length, 1)
}

const tokensIn = (doc: Doc, tokens: string) =>
  JSON.stringify([doc.getArray('list'), doc.getText('text'), doc.getMap('shapes')])
    .match(new RegExp(`<${tokens}\\d+>`, 'g'))
    ?.sort() ?? []

/** A server and a client that has edits it does not have. */
function twoDocs(saved: Step[], unsaved: Step[]) {
  const server = newDoc(1)
  const mine = newDoc(CLIENT)
  saved.forEach((step, i) => void edit(mine.doc, 'saved', step, i))
  for (const update of mine.edits.splice(0)) applyUpdate(server.doc, update)
  unsaved.forEach((step, i) => void edit(mine.doc, 'unsaved', step, i))
  return { server: server.doc, mine: mine.doc, edits: mine.edits }
}

test.each([
  { of: 'this page', sentAt: isSent },
  { of: 'an earlier page', sentAt: isUnknown },
])('edits of $of that partly arrived keep their ids, whatever others did since', ({ sentAt }) => {
  fc.assert(
    fc.property(steps(0), steps(1), steps(0), fc.nat(20), (saved, unsaved, theirs, arrived) => {
      const { server, edits, mine } = twoDocs(saved, unsaved)
      for (const update of edits.slice(0, arrived)) applyUpdate(server, update)
      theirs.forEach((step, i) => void edit(server, 'theirs', step, i))
      expect(adapt(edits, server, SECRET, sentAt)).toBe(edits)
      const update = encodeStateAsUpdate(server)
      expect(contradicts(mine, update, [CLIENT], sentAt)).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

test('edits whose ids others took are inserted once, and nothing of them is lost', () => {
  let conflicts = 0
  fc.assert(
    fc.property(steps(0), steps(1), steps(1), fc.nat(3), (saved, unsaved, foreign, arrived) => {
      const { server, edits, mine } = twoDocs(saved, unsaved)
      for (const update of edits.slice(0, arrived)) applyUpdate(server, update)
      const imposter = newDoc(CLIENT, server)
      // It deletes nothing: that would be an edit like any other.
      foreign.forEach(({ kind, at }, i) => {
        edit(imposter.doc, 'foreign', { kind: kind % 3, at }, i)
      })
      for (const update of imposter.edits) applyUpdate(server, update)

      const adapted = adapt(edits, server, SECRET, isSent)
      if (adapted !== edits) conflicts++
      for (const update of adapted) applyUpdate(server, update)
      expect(server.store.pendingStructs).toBeNull()
      expect(tokensIn(server, 'unsaved')).toEqual(tokensIn(mine, 'unsaved'))
      // What it is sent shows that it has to be adapted.
      if (adapted !== edits) {
        const update = encodeStateAsUpdate(imposter.doc)
        expect(contradicts(mine, update, [CLIENT], isSent)).toBeDefined()
      }
    }),
    { numRuns: 300 },
  )
  expect(conflicts).toBeGreaterThan(50)
})

test('two tabs with the same edits adapt them in the same way', () => {
  const { server, edits } = twoDocs(
    [],
    [
      { kind: 0, at: 0 },
      { kind: 1, at: 0 },
      { kind: 2, at: 0 },
    ],
  )
  const imposter = newDoc(CLIENT, server)
  edit(imposter.doc, 'foreign', { kind: 0, at: 0 }, 0)
  for (const update of imposter.edits) applyUpdate(server, update)
  const copy = newDoc(2, server).doc
  // One of them has not seen the last edit.
  const all = adapt(edits, server, SECRET, isUnsent)
  const first = adapt(edits.slice(0, 2), copy, SECRET, isUnsent)
  for (const update of [...all, ...first]) applyUpdate(server, update)
  expect(tokensIn(server, 'unsaved')).toEqual([
    '<unsaved0>',
    '<unsaved1>',
    '<unsaved2>',
    '<unsaved2>',
  ])
  const others = adapt(edits, copy, newSecret(), isUnsent)
  for (const update of others) applyUpdate(server, update)
  expect(tokensIn(server, 'unsaved')).toHaveLength(6)
})

test.each(['garbage', 'deleted content'])(
  '%s under ids of edits that were never sent loses none',
  (what) => {
    const { server, edits, mine } = twoDocs([], [{ kind: 0, at: 0 }])
    // One client, one struct: its own, from clock 0, of length 1.
    const struct = what === 'garbage' ? [0, 1] : [1, 1, ...[4, 108, 105, 115, 116], 1]
    const foreign = Uint8Array.from([...encodeVarUints([1, 1, CLIENT, 0]), ...struct, 0])
    applyUpdate(server, foreign)
    expect(adapt(edits, server, SECRET, isSent)).toBe(edits)
    for (const update of adapt(edits, server, SECRET, isUnsent)) applyUpdate(server, update)
    expect(tokensIn(server, 'unsaved')).toEqual(tokensIn(mine, 'unsaved'))
  },
)
