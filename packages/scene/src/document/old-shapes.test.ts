import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { readScene } from './read-scene.ts'
import { SceneView } from './scene-view.ts'
import { removeElements, writeElements } from './write-elements.ts'

const DIGEST = 'd'.repeat(64)

const shapesOf = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>('shapes')

/** Draws as the web app did before it took Excalidraw. */
function drawShape(doc: Y.Doc, id: string, values: object): void {
  const all = { x: 10, y: 20, w: 100, h: 50, color: 'red', ...values }
  shapesOf(doc).set(id, new Y.Map<unknown>(Object.entries(all)))
}

function boardOf(shapes: Record<string, object>): Y.Doc {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (const [id, values] of Object.entries(shapes)) drawShape(doc, id, values)
  })
  return doc
}

const shown = (doc: Y.Doc) => readScene(doc).elements.map(({ id }) => id)
const byId = (doc: Y.Doc, id: string) =>
  readScene(doc).elements.find((element) => element.id === id) as Record<string, any> | undefined
const box = { type: 'rectangle', order: 'a1', text: new Y.Text('a label') }
const labelled = () => boardOf({ box: { ...box, text: new Y.Text('a label') } })

test('a board from before Excalidraw is shown, with its shapes, ink, text and pictures', () => {
  const doc = boardOf({
    ink: { type: 'pen', order: 'a3', points: [0, 40, 50, 400, 0, 100, 0, 160, 30] },
    box: { type: 'rectangle', order: 'a1', text: new Y.Text('a label') },
    round: { type: 'ellipse', order: 'a2', text: new Y.Text('') },
    note: {
      type: 'sticky',
      order: 'a4',
      color: 'blue',
      text: new Y.Text('many words that take several lines'),
    },
    words: { type: 'text', order: 'a5', fontSize: 40, text: new Y.Text('big') },
    photo: { type: 'image', order: 'a6', digest: DIGEST },
    broken: { type: 'pen', order: 'a7', points: 'none' },
    nowhere: { type: 'ellipse', x: Number.NaN },
    unknown: { type: 'teapot' },
  })
  shapesOf(doc).set('foreign', 'no map' as never)
  const state = Y.encodeStateVector(doc)
  const { elements, files, skipped } = readScene(doc)
  expect(elements).toMatchObject([
    { id: 'box', type: 'rectangle', strokeColor: '#d13438', boundElements: [{ id: 'box-text' }] },
    { id: 'box-text', originalText: 'a label', containerId: 'box' },
    { id: 'round', type: 'ellipse', backgroundColor: '#fdecec', boundElements: null },
    {
      id: 'ink',
      type: 'freedraw',
      x: 10,
      y: 30,
      points: [
        [0, 0],
        [100, 0],
        [100, 40],
      ],
      pressures: [0.5, 1, 0.3],
    },
    { id: 'note', type: 'rectangle', backgroundColor: '#bcd6ff' },
    { id: 'note-text', text: 'many\nwords\nthat\ntake\nseveral\nlines' },
    { id: 'words', type: 'text', fontSize: 40, originalText: 'big' },
    { id: 'photo', type: 'image', fileId: DIGEST, status: 'saved' },
  ])
  expect(files.get(DIGEST)?.digest).toBe(DIGEST)
  expect(skipped).toEqual([])
  // Whoever opens a board does not change it.
  expect(Y.encodeStateVector(doc)).toEqual(state)
})

test('a shape that is changed becomes an element, with its label, and others stay as they are', () => {
  const doc = labelled()
  drawShape(doc, 'photo', { type: 'image', order: 'a2', digest: DIGEST })
  drawShape(doc, 'round', { type: 'ellipse', order: 'a3' })
  const before = readScene(doc)
  const base = new Map(before.elements.map((element) => [element.id, element]))
  writeElements(doc, [{ ...base.get('box-text'), originalText: 'my label' } as never], { base })
  writeElements(doc, [{ id: 'photo', type: 'image', x: 50 }])
  expect([...shapesOf(doc).keys()]).toEqual(['round'])
  expect([...doc.getMap('elements').keys()]).toEqual(['box', 'box-text', 'photo'])
  expect(shown(doc)).toEqual(before.elements.map(({ id }) => id))
  expect(byId(doc, 'box')).toEqual(base.get('box'))
  expect(byId(doc, 'box-text')).toMatchObject({ originalText: 'my label', containerId: 'box' })
  expect(byId(doc, 'photo')).toMatchObject({ x: 50, y: 20, fileId: DIGEST })
  expect(readScene(doc).files).toEqual(before.files)
})

test('a shape that is removed is gone, and one that is drawn is above them', () => {
  const doc = labelled()
  drawShape(doc, 'round', { type: 'ellipse', order: 'a3' })
  writeElements(doc, [{ id: 'top', type: 'diamond', x: 0, y: 0 }])
  expect(shown(doc)).toEqual(['box', 'box-text', 'round', 'top'])
  removeElements(doc, ['round'])
  writeElements(doc, [{ id: 'box-text', type: 'text', isDeleted: true }])
  expect(shown(doc)).toEqual(['box', 'top'])
  expect(shapesOf(doc).size).toBe(0)
})

test('what the previous web app does meanwhile is shown, and hides no element', () => {
  const doc = labelled()
  const view = new SceneView(doc)
  const text = shapesOf(doc).get('box')?.get('text') as Y.Text
  text.insert(0, 'still ')
  expect(view.get('box-text')).toMatchObject({ originalText: 'still a label' })
  shapesOf(doc).get('box')?.set('x', 40)
  expect(view.get('box')?.x).toBe(40)
  writeElements(doc, [{ id: 'box', type: 'rectangle', x: 70 }])
  // As an undo there would.
  drawShape(doc, 'box', { ...box, text: new Y.Text('other'), x: 1 })
  expect([view.get('box')?.x, view.elements.length]).toEqual([70, 2])
  removeElements(doc, ['box', 'box-text'])
  expect([view.elements.length, shapesOf(doc).size]).toEqual([0, 0])
})

const step = fc.record({
  who: fc.nat(2),
  what: fc.constantFrom(
    'move',
    'colour',
    'type',
    'remove',
    'draw',
    'old draw',
    'old move',
    'old type',
    'old remove',
    'exchange',
  ),
  which: fc.nat(4),
  value: fc.nat(60),
})

test('people who draw with both web apps at a time agree, and what nobody removed is there', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const docs = [0, 1, 2].map(() => new Y.Doc())
      const views = docs.map((doc) => new SceneView(doc))
      const exchange = (a: Y.Doc, b: Y.Doc) => {
        Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)))
        Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)))
      }
      const exchangeAll = () => {
        for (const a of docs) for (const b of docs) if (a !== b) exchange(a, b)
      }
      const first = docs[0] as Y.Doc
      for (let i = 0; i < 4; i++) {
        drawShape(first, `shape-${i}`, { ...box, order: `a${i}`, text: new Y.Text('label') })
      }
      exchangeAll()
      const drawn = new Set(shown(first))
      for (const { who, what, which, value } of steps) {
        const doc = docs[who] as Y.Doc
        const view = views[who] as SceneView
        const id = `shape-${which}`
        const label = view.get(`${id}-text`)
        const old = shapesOf(doc).get(id)
        if (what === 'move' && view.get(id))
          writeElements(doc, [{ id, type: 'rectangle', x: value }])
        if (what === 'colour' && view.get(id))
          writeElements(doc, [{ id, type: 'rectangle', strokeColor: `#0000${10 + value}` }])
        if (what === 'type' && label?.type === 'text')
          writeElements(doc, [{ ...label, originalText: `${label.originalText}${value}` }])
        if (what === 'remove') {
          const ids = value % 2 ? [id] : [id, `${id}-text`]
          removeElements(doc, ids)
          for (const removed of ids) drawn.delete(removed)
        }
        if (what === 'draw') {
          writeElements(doc, [{ id: `new-${value}`, type: 'ellipse', x: value, y: 0 }])
          drawn.add(`new-${value}`)
        }
        if (what === 'old draw' && !drawn.has(`old-${value}`)) {
          drawShape(doc, `old-${value}`, { ...box, text: new Y.Text('more') })
          drawn.add(`old-${value}`).add(`old-${value}-text`)
        }
        if (what === 'old move') old?.set('x', value)
        if (what === 'old type') (old?.get('text') as Y.Text | undefined)?.insert(0, `${value}`)
        if (what === 'old remove' && old) {
          shapesOf(doc).delete(id)
          for (const removed of [id, `${id}-text`]) drawn.delete(removed)
        }
        if (what === 'exchange') exchange(doc, docs[value % 3] as Y.Doc)
        expect(view.elements).toEqual(readScene(doc).elements)
      }
      exchangeAll()
      exchangeAll()
      for (const doc of docs) expect(readScene(doc)).toEqual(readScene(first))
      expect(shown(first)).toEqual(expect.arrayContaining([...drawn]))
    }),
    { numRuns: 60 },
  )
})
