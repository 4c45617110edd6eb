import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { ELEMENT_TYPES, elementOf, sceneOf } from '../../test/support/elements.ts'
import type { ElementInput, SceneElement } from '../elements/element.ts'
import { readScene } from './read-scene.ts'
import { removeElements, writeElements } from './write-elements.ts'

const box = { id: 'box', type: 'rectangle', x: 1, y: 2, width: 30, height: 40 }
const arrowTo = (id: string, target: string) => ({
  id,
  type: 'arrow',
  x: 0,
  y: 0,
  points: [
    [0, 0],
    [5, 5],
  ],
  endBinding: { elementId: target, focus: 0, gap: 1 },
})

function docOf(...elements: ElementInput[]): Y.Doc {
  const doc = new Y.Doc()
  expect(writeElements(doc, elements)).toEqual([])
  return doc
}

/** Two documents with the same content. */
function twoOf(...elements: ElementInput[]): [Y.Doc, Y.Doc] {
  const a = docOf(...elements)
  const b = new Y.Doc()
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a))
  return [a, b]
}

function merge(a: Y.Doc, b: Y.Doc): SceneElement[] {
  Y.applyUpdate(a, Y.encodeStateAsUpdate(b))
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a))
  const { elements } = readScene(a)
  expect(readScene(b).elements).toEqual(elements)
  return [...elements]
}

const byId = (elements: readonly SceneElement[], id: string) =>
  elements.find((element) => element.id === id) as SceneElement & Record<string, unknown>

const updatesOf = (doc: Y.Doc, change: () => void): Uint8Array[] => {
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => void updates.push(update))
  change()
  return updates
}

describe('what is written', () => {
  test('reads as it was', () => {
    fc.assert(
      fc.property(sceneOf, (elements) => {
        const doc = docOf(...elements)
        expect(readScene(doc).elements).toEqual(elements)
      }),
    )
  })

  test.each(ELEMENT_TYPES)('reads as it was, as a %s by itself', (type) => {
    fc.assert(
      fc.property(elementOf(type), (element) => {
        const [read] = readScene(docOf(element)).elements
        expect(read).toEqual({ ...element, index: 'a0' })
      }),
      { numRuns: 30 },
    )
  })

  test('writes nothing a second time', () => {
    fc.assert(
      fc.property(sceneOf, (elements) => {
        const doc = docOf(...elements)
        expect(updatesOf(doc, () => writeElements(doc, elements))).toEqual([])
        const { elements: read } = readScene(doc)
        expect(updatesOf(doc, () => writeElements(doc, read))).toEqual([])
      }),
    )
  })

  test('becomes what another scene is, whatever was before', () => {
    fc.assert(
      fc.property(sceneOf, sceneOf, (before, after) => {
        const mixed = after.map((element, i) => ({ ...element, id: before[i]?.id ?? element.id }))
        const isSelfContained = new Set(mixed.map(({ id }) => id)).size === mixed.length
        fc.pre(isSelfContained)
        const doc = docOf(...before)
        writeElements(doc, mixed)
        const plain = docOf(...mixed)
        removeElements(
          doc,
          before.map(({ id }) => id).filter((id) => !mixed.some((m) => m.id === id)),
        )
        const known = (element: SceneElement) =>
          byId(readScene(plain).elements, element.id) as unknown as Record<string, unknown>
        for (const element of readScene(doc).elements) {
          // Of another type before it, properties are left.
          expect(element).toMatchObject(known(element))
        }
      }),
      { numRuns: 50 },
    )
  })

  test('is one property where one changed', () => {
    const doc = docOf(box)
    const keys: unknown[] = []
    doc.getMap('elements').observeDeep((events) => {
      for (const event of events) keys.push(...event.keys.keys())
    })
    writeElements(doc, [{ ...box, x: 5 }])
    expect(keys).toEqual(['x'])
  })

  test('is what was typed of a text', () => {
    const doc = docOf({
      id: 't',
      type: 'text',
      x: 0,
      y: 0,
      originalText: 'Hello world',
    })
    const deltas: unknown[] = []
    doc.getMap('texts').observeDeep((events) => {
      for (const event of events) deltas.push(event.delta)
    })
    writeElements(doc, [{ id: 't', type: 'text', originalText: 'Hello big world' }])
    expect(deltas).toEqual([[{ retain: 6 }, { insert: 'big ' }]])
  })

  test('takes elements away with their text', () => {
    const doc = docOf(box, { id: 't', type: 'text', x: 0, y: 0, text: 'a' })
    writeElements(doc, [{ ...box, isDeleted: true }])
    removeElements(doc, ['t', 'nobody'])
    expect(doc.getMap('elements').size + doc.getMap('texts').size).toBe(0)
  })

  test('puts what has no place on top, in the order in which it is given', () => {
    const doc = docOf({ ...box, index: 'a5' }, { ...box, id: 'b' }, { ...box, id: 'c' })
    expect(readScene(doc).elements.map(({ id, index }) => `${id} ${index}`)).toEqual([
      'box a5',
      'b a6',
      'c a7',
    ])
  })

  test('is not what the caller does to it later', () => {
    const points = [
      [0, 0],
      [1, 1],
    ]
    const doc = docOf({ id: 'l', type: 'line', x: 0, y: 0, points })
    points.push([9, 9])
    expect(readScene(doc).elements[0]).toMatchObject({
      points: [
        [0, 0],
        [1, 1],
      ],
    })
  })

  test.each([
    { ...box, type: 'worm' },
    { ...box, x: Number.NaN },
    { ...box, x: undefined },
    { ...box, id: '__proto__' },
    { ...box, id: '' },
    { ...box, type: 'line' },
    { ...box, type: 'freedraw', points: [[0, Number.POSITIVE_INFINITY]] },
  ])('is refused where it is no element: %j', (element) => {
    const doc = new Y.Doc()
    expect(writeElements(doc, [element, { ...box, id: 'other' }])).toEqual([element.id])
    expect(readScene(doc).elements.map(({ id }) => id)).toEqual(['other'])
  })

  test('keeps a property that would become invalid', () => {
    const doc = docOf(box)
    writeElements(doc, [{ ...box, x: Number.NaN, y: 7, strokeStyle: 'wavy' }])
    expect(readScene(doc).elements[0]).toMatchObject({ x: 1, y: 7, strokeStyle: 'solid' })
  })
})

describe('two people at a time', () => {
  test('move and colour one element', () => {
    const [a, b] = twoOf(box)
    writeElements(a, [{ ...box, x: 100 }])
    writeElements(b, [{ ...box, strokeColor: '#e03131' }])
    expect(merge(a, b)).toMatchObject([{ x: 100, strokeColor: '#e03131' }])
  })

  test('bind arrows to one element', () => {
    const [a, b] = twoOf(box)
    writeElements(a, [arrowTo('first', 'box')])
    writeElements(b, [arrowTo('second', 'box')])
    expect(byId(merge(a, b), 'box').boundElements).toHaveLength(2)
  })

  test('bind an arrow to an element that the other removes', () => {
    const [a, b] = twoOf(box)
    writeElements(a, [arrowTo('arrow', 'box')])
    removeElements(b, ['box'])
    expect(merge(a, b)).toMatchObject([{ id: 'arrow', endBinding: null }])
    // Whoever takes the removal back has the arrow bound again.
    writeElements(b, [box])
    expect(byId(merge(a, b), 'arrow').endBinding).toMatchObject({ elementId: 'box' })
  })

  test('label one element: both texts stay', () => {
    const [a, b] = twoOf(box)
    const label = { type: 'text', x: 0, y: 0, containerId: 'box' }
    writeElements(a, [{ ...label, id: 'first', text: 'one', index: 'a2' }])
    writeElements(b, [{ ...label, id: 'second', text: 'two', index: 'a1' }])
    const merged = merge(a, b)
    expect(byId(merged, 'box').boundElements).toEqual([{ id: 'second', type: 'text' }])
    expect(byId(merged, 'first').containerId).toBeNull()
    expect(byId(merged, 'second').containerId).toBe('box')
  })

  test('type into one text', () => {
    const text = { id: 't', type: 'text', x: 0, y: 0, originalText: 'one two' }
    const [a, b] = twoOf(text)
    writeElements(a, [{ ...text, originalText: 'one and two' }])
    writeElements(b, [{ ...text, originalText: 'one two three' }])
    expect(merge(a, b)).toMatchObject([{ originalText: 'one and two three' }])
  })

  test('bend one line: it is as one of them has it', () => {
    const line = {
      id: 'l',
      type: 'line',
      x: 0,
      y: 0,
      width: 9,
      height: 9,
      points: [
        [0, 0],
        [9, 9],
      ],
    }
    const [a, b] = twoOf(line)
    const ofA = {
      ...line,
      x: 50,
      width: 1,
      points: [
        [0, 0],
        [1, 9],
      ],
    }
    const ofB = {
      ...line,
      width: 2,
      points: [
        [0, 0],
        [2, 9],
      ],
    }
    writeElements(a, [ofA])
    writeElements(b, [ofB])
    const [merged] = merge(a, b)
    const { x, width, points } = merged as unknown as typeof line
    expect([ofA, ofB].map(({ x, width, points }) => ({ x, width, points }))).toContainEqual({
      x,
      width,
      points,
    })
  })

  test('lay out one text: lines of another text are not shown', () => {
    const text = { id: 't', type: 'text', x: 0, y: 0, originalText: 'one two', text: 'one\ntwo' }
    const [a, b] = twoOf(text)
    expect(readScene(a).elements).toMatchObject([{ text: 'one\ntwo', originalText: 'one two' }])
    writeElements(a, [{ ...text, originalText: 'one two!', text: 'one\ntwo!' }])
    writeElements(b, [{ ...text, originalText: '1 one two', text: '1 one\ntwo' }])
    expect(merge(a, b)).toMatchObject([{ text: '1 one two!', originalText: '1 one two!' }])
  })
})

describe('with a base', () => {
  test('what others changed since stays', () => {
    const doc = docOf(box)
    const [base] = readScene(doc).elements
    writeElements(doc, [{ ...box, strokeColor: '#e03131' }])
    const known = new Map([[box.id, base as SceneElement]])
    writeElements(doc, [{ ...base, id: box.id, type: box.type, x: 5 }], { base: known })
    expect(readScene(doc).elements).toMatchObject([{ x: 5, strokeColor: '#e03131' }])
  })

  test('a text is what both typed', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '👍', ' '), maxLength: 8 })
    fc.assert(
      fc.property(word, word, word, (start, mine, theirs) => {
        const text = { id: 't', type: 'text', x: 0, y: 0, originalText: start }
        const doc = docOf(text)
        const base = new Map([['t', text]])
        writeElements(doc, [{ ...text, originalText: `${theirs}${start}` }])
        writeElements(doc, [{ ...text, originalText: `${start}|${mine}` }], {
          base,
        })
        const { originalText } = byId(readScene(doc).elements, 't') as { originalText?: string }
        expect(originalText).toContain(`|${mine}`)
        expect(originalText?.replace(`|${mine}`, '')).toBe(`${theirs}${start}`)
      }),
    )
  })
})

describe('what another program wrote', () => {
  const written = (write: (elements: Y.Map<unknown>) => void) => {
    const doc = docOf({ ...box, id: 'good' })
    write(doc.getMap('elements'))
    return doc
  }

  test.each<[string, unknown]>([
    ['a string', 'element'],
    ['an object', { ...box }],
    ['an array', new Y.Array()],
    ['an unknown type', new Y.Map(Object.entries({ ...box, type: 'hologram' }))],
    ['no type', new Y.Map(Object.entries({ x: 1, y: 2 }))],
    ['no place', new Y.Map(Object.entries({ type: 'ellipse' }))],
    ['a place far out', new Y.Map(Object.entries({ ...box, x: 1e300 }))],
    ['a line without points', new Y.Map(Object.entries({ ...box, type: 'line', points: 'none' }))],
    ['a line of one point', new Y.Map(Object.entries({ ...box, type: 'line', points: [[0, 0]] }))],
  ])('is skipped and stays where it is %s', (_, value) => {
    const doc = written((elements) => elements.set('bad', value))
    const { elements, skipped } = readScene(doc)
    expect(elements.map(({ id }) => id)).toEqual(['good'])
    expect(skipped).toEqual(['bad'])
    expect(doc.getMap('elements').has('bad')).toBe(true)
  })

  test('is shown with what is valid of it', () => {
    const doc = written((elements) =>
      elements.set(
        'odd',
        new Y.Map<unknown>(
          Object.entries({
            ...box,
            opacity: 'much',
            fillStyle: 7,
            groupIds: [1],
            index: '~',
            future: { a: [1] },
          }),
        ),
      ),
    )
    expect(byId(readScene(doc).elements, 'odd')).toMatchObject({
      opacity: 100,
      fillStyle: 'solid',
      groupIds: [],
      index: null,
      future: { a: [1] },
    })
    writeElements(doc, [{ ...box, id: 'odd', x: 50 }])
    expect((doc.getMap('elements').get('odd') as Y.Map<unknown>).get('future')).toEqual({ a: [1] })
  })

  test.each([
    ['a wide stroke', { strokeWidth: 1e9 }, { strokeWidth: 2 }],
    ['a rough stroke', { roughness: 1e9 }, { roughness: 1 }],
    ['a large font', { type: 'text', fontSize: 1e9 }, { fontSize: 20 }],
    ['high lines', { type: 'text', lineHeight: 1e9 }, { lineHeight: 1.25 }],
  ])('is drawn within bounds: %s', (_, properties, shown) => {
    const doc = written((elements) =>
      elements.set('odd', new Y.Map<unknown>(Object.entries({ ...box, ...properties }))),
    )
    expect(byId(readScene(doc).elements, 'odd')).toMatchObject(shown)
  })

  test('pollutes no prototype', () => {
    const doc = written((elements) => {
      elements.set('__proto__', new Y.Map(Object.entries({ ...box, polluted: true })))
      const map = new Y.Map<unknown>(Object.entries(box))
      map.set('__proto__', { polluted: true })
      map.set('customData', JSON.parse('{"__proto__": {"polluted": true}}'))
      elements.set('bad', map)
    })
    const { elements, skipped } = readScene(doc)
    expect(skipped).toEqual(['__proto__'])
    expect(byId(elements, 'bad').polluted).toBeUndefined()
    expect(byId(elements, 'bad').customData).toBeUndefined()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('has its text as a property', () => {
    const map = new Y.Map<unknown>(Object.entries({ type: 'text', x: 0, y: 0, text: 'plain' }))
    const doc = written((elements) => elements.set('t', map))
    expect(byId(readScene(doc).elements, 't')).toMatchObject({ originalText: 'plain' })
    writeElements(doc, [{ id: 't', type: 'text', originalText: 'plainer' }])
    expect(byId(readScene(doc).elements, 't')).toMatchObject({
      originalText: 'plainer',
      text: 'plainer',
    })
  })
})
