import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { jsonChunks } from './json-writer.ts'
import { MAX_NAMED_DIGESTS, namedDigests } from './named-digests.ts'

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')
const [A, B, C] = [digestOf('a'), digestOf('b'), digestOf('c')]

/** A document with this in the value of a map. */
const docWith = (value: unknown) => {
  const doc = new Y.Doc()
  doc.getMap('map').set('key', value)
  return doc
}

test('names are found wherever they are', () => {
  const doc = new Y.Doc()
  const expected: string[] = []
  const name = (place: string) => {
    expected.push(digestOf(place))
    return digestOf(place)
  }
  const map = doc.getMap<unknown>('map')
  doc.getMap(name('root')).set('there', 1)
  map.set(name('key'), true)
  map.set('value', name('value'))
  map.set('url', `https://files.example/${name('url')}?size=1#top`)
  map.set('nested', [{ deep: [null, 7, { [name('inner key')]: name('inner') }] }])
  map.set('upper', name('upper').toUpperCase())
  map.set('after an escape', `\u0001\b\f${name('escape')}`)
  map.set('type', new Y.Map([['of', new Y.Array()]]))
  const array = (map.get('type') as Y.Map<Y.Array<unknown>>).get('of')!
  array.push([1, name('item'), { in: name('object') }])
  const text = doc.getText('text')
  text.insert(0, `see ${name('text')} here`)
  text.insertEmbed(0, { image: name('embed') })
  text.format(2, 3, { link: name('format') })
  // The text is in parts now, which do not divide it; an embed does.
  text.format(20, 10, { bold: true })
  text.insertEmbed(text.length, 'x')
  text.insert(text.length, name('between embeds'))
  text.insertEmbed(text.length, 'x')
  text.insert(text.length, 'abc')
  const xml = doc.getXmlFragment('xml')
  const element = new Y.XmlElement('img')
  xml.push([element, new Y.XmlText(name('xml text'))])
  element.setAttribute('src', name('attribute'))
  xml.push([new Y.XmlHook(name('hook')) as unknown as Y.XmlElement])
  map.set('subdocument', new Y.Doc({ guid: name('guid'), meta: { of: [name('meta')] } }))
  expect(namedDigests(doc)?.sort()).toEqual(expected.sort())
  // As another client has it, who knows no types.
  const loaded = new Y.Doc()
  Y.applyUpdate(loaded, Y.encodeStateAsUpdate(doc))
  expect(namedDigests(loaded)?.sort()).toEqual(expected.sort())
})

test('what was deleted names nothing, until an undo', () => {
  const doc = docWith(A)
  const undo = new Y.UndoManager(doc.getMap('map'))
  doc.getMap('map').delete('key')
  expect(namedDigests(doc)).toEqual([])
  undo.undo()
  expect(namedDigests(doc)).toEqual([A])
})

test('a text that was typed by two people counts as it reads', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  one.getText('text').insert(0, A.slice(0, 20))
  Y.applyUpdate(other, Y.encodeStateAsUpdate(one))
  other.getText('text').insert(20, A.slice(20, 40))
  Y.applyUpdate(one, Y.encodeStateAsUpdate(other))
  for (const character of A.slice(40))
    one.getText('text').insert(one.getText('text').length, character)
  expect(namedDigests(one)).toEqual([A])
  one.getText('text').delete(30, 1)
  expect(namedDigests(one)).toEqual([])
})

test.each([
  ['a digit more', `${A}0`, [A, `${A.slice(1)}0`]],
  ['a digit less', A.slice(1), []],
  ['a word before it that ends in a digit', `image${A}`, [`e${A.slice(0, -1)}`, A]],
  ['one after the other', A + B, Array.from(A, (_, i) => (A + B).slice(i, i + 64)).concat(B)],
  ['with something between', `${A}-${B}/${C}`, [A, B, C]],
  ['a letter that is no digit', `g${A}g`, [A]],
])('%s', (_, value, expected) => {
  expect(namedDigests(docWith(value))).toEqual(expected)
})

test('too many are none that can be told', () => {
  const doc = docWith(Array.from({ length: MAX_NAMED_DIGESTS }, (_, i) => digestOf(`${i}`)))
  expect(namedDigests(doc)).toHaveLength(MAX_NAMED_DIGESTS)
  doc.getMap('map').set('one', A)
  expect(namedDigests(doc)).toBeNull()
})

test('a long row of digits is data', () => {
  expect(namedDigests(docWith('0'.repeat(256)))).toEqual(['0'.repeat(64)])
  expect(namedDigests(docWith(A.repeat(100_000)))).toEqual([])
})

test('values may nest as deep as an update can', () => {
  let value: unknown = A
  for (let depth = 0; depth < 2_000; depth++) value = depth % 2 ? [value] : { value }
  expect(namedDigests(docWith(value))).toEqual([A])
})

/** Hexadecimal digits, of a length about that of a digest, among other characters. */
const digits = fc
  .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 60, maxLength: 68 })
  .map((all) => all.join(''))
const string = fc
  .array(fc.oneof(digits, fc.constantFrom('\b', '\u0001', '\\', '"', 'é', '/', 'g', '')), {
    maxLength: 5,
  })
  .map((parts) => parts.join(''))
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    string,
    fc.integer(),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(string, tie('any'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any

/** The strings of a JSON value, its keys included. */
function* strings(json: unknown): Generator<string> {
  if (typeof json === 'string') yield json
  else if (json instanceof Object) {
    for (const [key, inner] of Object.entries(json)) {
      yield key
      yield* strings(inner)
    }
  }
}

test('is what one finds in the JSON, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), string, string, (values, key, text) => {
      const doc = new Y.Doc()
      doc.getArray('list').push([...values, new Y.Map([[key, new Y.Text(text)]])])
      doc.getMap('map').set(key, values)
      doc.getText('text').insert(0, text)
      doc.getText('text').insert(Math.floor(text.length / 2), text)
      const json = JSON.parse(Buffer.concat([...jsonChunks(doc)]).toString())
      const naive = new Set<string>()
      for (const one of strings(json)) {
        for (const run of one.toLowerCase().split(/[^0-9a-f]+/)) {
          if (run.length > 256) continue
          for (let from = 0; from + 64 <= run.length; from++) naive.add(run.slice(from, from + 64))
        }
      }
      expect(new Set(namedDigests(doc))).toEqual(naive)
    }),
  )
})
