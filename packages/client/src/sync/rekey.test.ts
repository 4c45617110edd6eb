import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  applyUpdate,
  Doc,
  encodeStateAsUpdate,
  mergeUpdates,
  Text,
  Array as YArray,
  Map as YMap,
} from 'yjs'
import { rekey } from './rekey.ts'

const CLIENT = 7
const NEW_CLIENT = 4_000_000_000

/** One random change of a document; `at` chooses what and where. */
type Change = { kind: number; at: number; value: string }

const changes = fc.array(
  fc.record({
    kind: fc.nat(9),
    at: fc.nat(1_000),
    value: fc.string({ minLength: 1, maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 30 },
)

function apply(doc: Doc, { kind, at, value }: Change): void {
  const text = doc.getText('text')
  const list = doc.getArray<unknown>('list')
  const shapes = doc.getMap<unknown>('shapes')
  const key = `shape ${at % 5}`
  const nested = shapes.get(key)
  if (kind === 0) text.insert(at % (text.length + 1), value)
  else if (kind === 1 && text.length > 0) text.delete(at % text.length, 1)
  else if (kind === 2 && text.length > 1)
    text.format(at % (text.length - 1), 2, { bold: at % 2 === 0 })
  else if (kind === 3) list.insert(at % (list.length + 1), [value, at, { [value]: null }])
  else if (kind === 4 && list.length > 0) list.delete(at % list.length, 1)
  else if (kind === 5) shapes.set(key, value)
  else if (kind === 6) shapes.set(key, new YMap([['label', new Text(value)]]))
  else if (kind === 7) shapes.delete(key)
  else if (nested instanceof YMap && kind === 8) nested.get('label').insert(0, value)
  else list.insert(0, [new YArray(), new Uint8Array([at % 256])])
}

const contentOf = (doc: Doc) => ({
  text: doc.getText('text').toDelta(),
  list: doc.getArray('list').toJSON(),
  shapes: doc.getMap('shapes').toJSON(),
})

test('edits with new ids make of any document what the edits made of it', () => {
  fc.assert(
    fc.property(changes, changes, changes, fc.boolean(), (others, saved, unsaved, isMerged) => {
      const server = new Doc()
      server.clientID = 1
      for (const change of others) apply(server, change)
      const mine = new Doc()
      mine.clientID = CLIENT
      applyUpdate(mine, encodeStateAsUpdate(server))
      for (const change of saved) apply(mine, change)
      applyUpdate(server, encodeStateAsUpdate(mine))
      const from = mine.store.clients.get(CLIENT)?.at(-1)
      const clock = from ? from.id.clock + from.length : 0

      const edits: Uint8Array[] = []
      mine.on('update', (update: Uint8Array) => edits.push(update))
      for (const change of unsaved) apply(mine, change)
      const sent = isMerged ? [mergeUpdates(edits)] : edits
      const moves = new Map([[CLIENT, { from: clock, to: NEW_CLIENT }]])
      for (const edit of sent) applyUpdate(server, rekey(edit, moves))

      expect(contentOf(server)).toEqual(contentOf(mine))
      expect(server.store.pendingStructs).toBeNull()
      const last = server.store.clients.get(CLIENT)?.at(-1)
      expect(last ? last.id.clock + last.length : 0).toBe(clock)
    }),
    { numRuns: 500 },
  )
})
