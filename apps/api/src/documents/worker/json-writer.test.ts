import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { jsonChunks } from './json-writer.ts'

const written = (doc: Y.Doc) => JSON.parse(Buffer.concat([...jsonChunks(doc)]).toString())

/** As JSON has it: no undefined, bigints as decimal text, bytes in base64. */
const plain = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => {
      if (typeof inner === 'bigint') return `${inner}`
      return inner instanceof Uint8Array ? Buffer.from(inner).toString('base64') : inner
    }),
  )

/** What Yjs stores in a map or an array. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
      tie('any'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).any

test('is what the types themselves have as JSON, whatever is in them', () => {
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 6 }),
      fc.string({ unit: 'binary' }),
      (values, text) => {
        const doc = new Y.Doc()
        const map = doc.getMap<unknown>('map')
        const list = doc.getArray<unknown>('list')
        for (const [i, one] of values.entries()) {
          map.set(`k${i}`, one)
          list.push([{ one }, [one], new Y.Array(), new Y.Map([[`k${text}`, new Y.Text(text)]])])
        }
        if (values.length > 2) list.delete(1, 2)
        doc.getText('text').insert(0, text)
        const types = { list: list.toJSON(), map: map.toJSON(), text: doc.getText('text').toJSON() }
        expect(written(doc)).toEqual(plain(types))
      },
    ),
  )
})

test('has XML as markup, with formats and attributes in order', () => {
  const doc = new Y.Doc()
  const page = doc.getXmlFragment('page')
  const section = new Y.XmlElement('Section')
  const text = new Y.XmlText()
  page.push([section, new Y.XmlText('after')])
  section.setAttribute('b', '2')
  section.setAttribute('a', '"1"')
  section.push([text, new Y.XmlElement('br')])
  text.insert(0, 'plain')
  text.insert(5, 'bold', { b: { y: 1, x: 'q' }, a: true })
  text.insertEmbed(0, new Y.XmlElement('image'))
  expect(written(doc)).toEqual({ page: page.toString() })
})

test('has long values in chunks, cut inside of a character or not', () => {
  const doc = new Y.Doc()
  const long = '\u0001🙂'.repeat(100_000)
  doc.getMap('map').set('long', long)
  doc.getMap('map').set('bytes', new Uint8Array(200_000).fill(7))
  const chunks = [...jsonChunks(doc)]
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(1024 * 1024)
  expect(written(doc)).toEqual(plain({ map: doc.getMap('map').toJSON() }))
})
