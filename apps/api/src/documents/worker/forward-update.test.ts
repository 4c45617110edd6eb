import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { forwardUpdate } from './forward-update.ts'
import { jsonChunks } from './json-writer.ts'

/** An edit of one of two people: what it does depends on what is there. */
const edit = fc.record({
  who: fc.nat(1),
  kind: fc.nat(11),
  at: fc.nat(1_000),
  value: fc.string({ maxLength: 4, unit: 'grapheme-ascii' }),
})
const edits = fc.array(edit, { maxLength: 30 })
type Edit = typeof edit extends fc.Arbitrary<infer Value> ? Value : never

function draw(doc: Y.Doc, { kind, at, value }: Edit): unknown {
  const map = doc.getMap<any>('map')
  const list = doc.getArray<any>('list')
  const text = doc.getText('text')
  const xml = doc.getXmlFragment('xml')
  const key = `k${at % 4}`
  const shape = map.get(key)
  switch (kind) {
    case 0:
      return map.set(key, value)
    case 1:
      return map.set(key, new Y.Map([['x', at]]))
    case 2:
      return shape instanceof Y.Map ? shape.set(value, at) : map.delete(key)
    case 3:
      return map.delete(key)
    case 4:
      return list.insert(at % (list.length + 1), [value, new Y.Array()])
    case 5:
      return list.length > 0 && list.delete(at % list.length)
    case 6: {
      const inner = list.toArray().find((item) => item instanceof Y.Array)
      return inner?.push([value])
    }
    case 7:
      return text.insert(at % (text.length + 1), value || 'x', at % 3 ? {} : { bold: true })
    case 8: {
      const start = at % (text.length + 1)
      return text.delete(start, Math.min(3, text.length - start))
    }
    case 9: {
      const start = at % (text.length + 1)
      return text.format(start, Math.min(3, text.length - start), { bold: at % 2 ? true : null })
    }
    case 10: {
      const element = new Y.XmlElement('p')
      element.setAttribute('a', value)
      element.insert(0, [new Y.XmlText(value)])
      return xml.insert(at % (xml.length + 1), [element])
    }
    default: {
      const element = xml.length > 0 ? xml.get(at % xml.length) : undefined
      if (element instanceof Y.XmlElement && at % 2) return element.setAttribute('b', value)
      return element && xml.delete(at % xml.length)
    }
  }
}

const copy = (doc: Y.Doc) => {
  const made = new Y.Doc()
  Y.applyUpdate(made, Y.encodeStateAsUpdate(doc))
  return made
}

/** Draws on two documents that hear of each other now and then. */
function drawTogether(docs: [Y.Doc, Y.Doc], script: Edit[]): void {
  for (const [i, step] of script.entries()) {
    draw(docs[step.who === 0 ? 0 : 1], step)
    if (i % 5 === 4) sync(docs)
  }
  sync(docs)
}

function sync([a, b]: [Y.Doc, Y.Doc]): void {
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)))
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)))
}

const plain = (doc: Y.Doc) => {
  // The kinds of the shared types are known here, so that formats are compared too.
  const typed = {
    map: doc.getMap('map').toJSON(),
    list: doc.getArray('list').toJSON(),
    text: doc.getText('text').toDelta(),
    xml: doc.getXmlFragment('xml').toString(),
  }
  return JSON.parse(JSON.stringify(typed))
}

describe('an update that restores a version', () => {
  test('brings its content back, whatever came since', () => {
    let changed = 0
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const docs: [Y.Doc, Y.Doc] = [new Y.Doc(), new Y.Doc()]
        drawTogether(docs, first)
        const version = copy(docs[0])
        const wanted = plain(copy(docs[0]))
        drawTogether(docs, second)
        const update = forwardUpdate({ present: copy(docs[0]), version })
        const present = docs[1]
        if (update) Y.applyUpdate(present, update)
        expect(plain(present)).toEqual(wanted)
        if (update) changed++
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 1_000) },
    )
    expect(changed).toBeGreaterThan(100)
  }, 600_000)

  test('leaves alone what others change meanwhile', () => {
    const doc = new Y.Doc()
    doc.getMap<any>('map').set('kept', new Y.Map([['x', 1]]))
    const version = copy(doc)
    doc.getMap('map').set('new', 2)
    const update = forwardUpdate({ present: copy(doc), version })
    const kept = doc.getMap<any>('map').get('kept')
    kept.set('x', 17)
    doc.getMap('map').set('newer', 3)
    Y.applyUpdate(doc, update!)
    expect(doc.getMap('map').toJSON()).toEqual({ kept: { x: 17 }, newer: 3 })
  })

  test('is none where the content is the same', () => {
    const doc = new Y.Doc()
    doc.getArray('list').push([1, 2])
    expect(forwardUpdate({ present: copy(doc), version: copy(doc) })).toBeNull()
  })

  test('can be undone by restoring what was there before', () => {
    const doc = new Y.Doc()
    doc.getText('text').insert(0, 'first')
    const version = copy(doc)
    doc.getText('text').insert(5, ' and second')
    const before = copy(doc)
    Y.applyUpdate(doc, forwardUpdate({ present: copy(doc), version })!)
    expect(contentOf(copy(doc))).toEqual({ text: 'first' })
    Y.applyUpdate(doc, forwardUpdate({ present: copy(doc), version: before })!)
    expect(contentOf(copy(doc))).toEqual({ text: 'first and second' })
  })
})

const contentOf = (doc: Y.Doc) => JSON.parse(Buffer.concat([...jsonChunks(doc)]).toString())
