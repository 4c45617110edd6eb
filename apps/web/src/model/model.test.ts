import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { decodeInk, encodeInk, simplify } from './ink.ts'
import { compareOrder, keysAtBottom, keysOnTop } from './order.ts'
import { readShape, writeShape } from './shape.ts'
import { applyText, moveCaret, textChange } from './text-change.ts'

const inkPoint = fc.record({
  x: fc.double({ min: -5000, max: 5000, noNaN: true }),
  y: fc.double({ min: -5000, max: 5000, noNaN: true }),
  pressure: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('a stroke', () => {
  test('comes back within the precision it is kept with, however long', () => {
    fc.assert(
      fc.property(fc.array(inkPoint, { minLength: 1, maxLength: 200 }), (stroke) => {
        const { box, points } = encodeInk(stroke, 0)
        const kept = simplify(stroke, 0)
        // Without a size it is not scaled.
        const decoded = decodeInk(points, { w: 0, h: 0 })
        expect(decoded).toHaveLength(kept.length)
        decoded.forEach(({ x, y }, i) => {
          expect(Math.abs(x + box.x - kept[i]!.x)).toBeLessThanOrEqual(0.126)
          expect(Math.abs(y + box.y - kept[i]!.y)).toBeLessThanOrEqual(0.126)
        })
      }),
    )
  })

  test('a straight stroke needs two points, and a corner stays', () => {
    const line = Array.from({ length: 100 }, (_, i) => ({ x: i, y: 2 * i, pressure: 0.5 }))
    expect(simplify(line, 0.1)).toHaveLength(2)
    const corner = [...line, ...line.map(({ x }) => ({ x: 99 + x, y: 198, pressure: 0.5 }))]
    expect(simplify(corner, 0.1)).toHaveLength(3)
  })

  test('takes a few bytes a point', () => {
    const wave = Array.from({ length: 300 }, (_, i) => ({
      x: i * 3,
      y: 60 * Math.sin(i / 10),
      pressure: 0.5,
    }))
    const doc = new Y.Doc()
    const { box, points } = encodeInk(wave, 0.35)
    doc.getMap('shapes').set('a', writeShape({ ...box, type: 'pen', color: 'ink', points }, 'a0'))
    expect(Y.encodeStateAsUpdate(doc).length).toBeLessThan(wave.length * 3)
  })

  test('is scaled with its box', () => {
    const { points } = encodeInk(
      [
        { x: 0, y: 0, pressure: 1 },
        { x: 10, y: 20, pressure: 1 },
      ],
      0,
    )
    expect(decodeInk(points, { w: 20, h: 20 }).at(-1)).toEqual({ x: 20, y: 20, pressure: 1 })
  })
})

describe('the pile', () => {
  test('what is put on top or below is there, however often', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 50 }), (moves) => {
        let pile = [{ id: 'first', order: keysOnTop([], 1)[0]! }]
        for (const [i, isTop] of moves.entries()) {
          const order = (isTop ? keysOnTop : keysAtBottom)(pile, 1)[0]!
          pile = [...pile, { id: `shape ${i}`, order }].sort(compareOrder)
          expect((isTop ? pile.at(-1) : pile[0])?.order).toBe(order)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('the same key twice is the same order everywhere', () => {
    const [a, b] = [
      { id: 'a', order: 'a0' },
      { id: 'b', order: 'a0' },
    ]
    expect([b, a].sort(compareOrder)).toEqual([a, b])
  })

  test('invalid keys do not prevent drawing', () => {
    expect(keysOnTop([{ id: 'a', order: '~not a key~' }], 2)).toHaveLength(2)
  })
})

describe('a shape', () => {
  const written = (change: Record<string, unknown>) => {
    const doc = new Y.Doc()
    const map = writeShape(
      { type: 'sticky', x: 1, y: 2, w: 3, h: 4, color: 'pink', text: 'hi' },
      'a0',
    )
    doc.getMap('shapes').set('a', map)
    for (const [name, value] of Object.entries(change)) map.set(name, value)
    return readShape('a', map)
  }

  test('is read as it was written', () => {
    expect(written({})).toMatchObject({
      id: 'a',
      type: 'sticky',
      x: 1,
      h: 4,
      color: 'pink',
      text: 'hi',
    })
  })

  test.each([
    { type: 'worm' },
    { x: 'left' },
    { x: Number.NaN },
    { y: 1e300 },
    { w: -1 },
    { type: 'pen', points: 'none' },
    { type: 'image' },
    { type: 'image', digest: 'a picture' },
    { type: 'pen', points: [1, 2, 'x'] },
  ])('that another program wrote wrongly is none: %j', (change) => {
    expect(written(change)).toBeUndefined()
  })

  test('an unknown colour is ink, so that the shape is still seen', () => {
    expect(written({ color: 'mauve' })?.color).toBe('ink')
    expect(readShape('a', 'a string')).toBeUndefined()
  })
})

describe('a change of text', () => {
  test('leads from any text to any other, and cuts no character in two', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '👍', '👎', 'é') })
    fc.assert(
      fc.property(text, text, (before, after) => {
        const doc = new Y.Doc()
        const shared = doc.getText('text')
        shared.insert(0, before)
        applyText(shared, after)
        expect(shared.toString()).toBe(after)
        const { inserted = '' } = textChange(before, after) ?? {}
        expect(inserted).not.toMatch(/\p{Surrogate}/u)
      }),
    )
  })

  test('touches only what is another', () => {
    expect(textChange('hello world', 'hello big world')).toEqual({
      at: 6,
      removed: 0,
      inserted: 'big ',
    })
    expect(textChange('same', 'same')).toBeUndefined()
  })

  test('a caret stays with its letter', () => {
    const change = { at: 2, removed: 3, inserted: 'x' }
    expect([0, 2, 4, 5, 9].map((caret) => moveCaret(caret, change))).toEqual([0, 2, 3, 3, 7])
  })
})
