import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { readScene } from '../document/read-scene.ts'
import { writeElements } from '../document/write-elements.ts'
import type { ElementInput } from '../elements/element.ts'
import { elementBounds, sceneBounds } from './bounds.ts'
import { sceneFrames } from './frames.ts'
import { sceneOutline, sceneText } from './outline.ts'
import { inReadingOrder } from './reading-order.ts'

function sceneOf(...elements: ElementInput[]) {
  const doc = new Y.Doc()
  expect(writeElements(doc, elements)).toEqual([])
  return readScene(doc).elements
}

const box = (id: string, x: number, y: number, more = {}) => ({
  id,
  type: 'rectangle',
  x,
  y,
  width: 40,
  height: 20,
  ...more,
})
const text = (id: string, x: number, y: number, originalText: string, more = {}) => ({
  id,
  type: 'text',
  x,
  y,
  width: 40,
  height: 20,
  originalText,
  ...more,
})

describe('bounds', () => {
  test.each<[string, object, object]>([
    ['a box', box('a', 1, 2), { x: 1, y: 2, width: 40, height: 20 }],
    [
      'a box on its side',
      box('a', 0, 0, { angle: Math.PI / 2 }),
      { x: 10, y: -10, width: 20, height: 40 },
    ],
    [
      'a diamond turned by half',
      box('a', 0, 0, { type: 'diamond', angle: Math.PI }),
      { x: 0, y: 0, width: 40, height: 20 },
    ],
    [
      'an ellipse on its side',
      box('a', 0, 0, { type: 'ellipse', angle: Math.PI / 2 }),
      { x: 10, y: -10, width: 20, height: 40 },
    ],
    [
      'a line',
      box('a', 5, 5, {
        type: 'line',
        points: [
          [0, 0],
          [-3, 4],
          [2, 1],
        ],
      }),
      { x: 2, y: 5, width: 5, height: 4 },
    ],
  ])('of %s', (_, element, expected) => {
    const [read] = sceneOf(element as ElementInput)
    const bounds = elementBounds(read!)
    for (const [name, value] of Object.entries(expected))
      expect(bounds).toHaveProperty(name, expect.closeTo(value, 9))
  })

  test('of a circle are the same however it is turned', () => {
    for (const angle of [0.3, 1, 2]) {
      const [circle] = sceneOf(box('a', 0, 0, { type: 'ellipse', height: 40, angle }))
      expect(elementBounds(circle!).width).toBeCloseTo(40, 9)
    }
  })

  test('of a scene hold all of it; of none there are none', () => {
    expect(sceneBounds(sceneOf(box('a', 0, 0), box('b', 100, 50)))).toEqual({
      x: 0,
      y: 0,
      width: 140,
      height: 70,
    })
    expect(sceneBounds([])).toBeUndefined()
  })
})

test('text is in the order in which it is read', () => {
  const elements = sceneOf(
    text('last', 0, 500, 'last'),
    text('inside 2', 60, 120, 'second in the frame', { frameId: 'frame' }),
    text('inside 1', 0, 120, 'first in the frame', { frameId: 'frame' }),
    box('frame', 0, 100, { type: 'frame', width: 500, height: 300, name: 'Plan' }),
    text('beside', 0, 130, 'beside the frame'),
    text('label', 990, 990, 'label of the box', { containerId: 'box' }),
    box('box', 0, 50),
    text('first', 0, 0, ' first\nof two lines '),
    text('empty', 0, 0, ' '),
  )
  expect(sceneText(elements).split('\n')).toEqual([
    'first',
    'of two lines',
    'label of the box',
    'Plan',
    'first in the frame',
    'second in the frame',
    'beside the frame',
    'last',
  ])
})

describe('the outline', () => {
  test('has frames with what is in them, and labels with their shapes', () => {
    const elements = sceneOf(
      text('note', 0, 900, 'Note'),
      box('frame', 100, 0, { type: 'frame', width: 500, height: 300, name: ' Plan ' }),
      box('invoice', 110, 20, { frameId: 'frame' }),
      text('label', 0, 0, ' Invoice ', { containerId: 'invoice', frameId: 'frame' }),
      box('unnamed', 0, 0, { frameId: 'nowhere' }),
      text('lost', 0, 950, 'No container', { containerId: 'nowhere' }),
    )
    const entries = sceneOutline(elements)
    expect(entries.map(({ element, text, frameId }) => [element.id, text, frameId])).toEqual([
      ['unnamed', '', null],
      ['frame', 'Plan', null],
      ['invoice', 'Invoice', 'frame'],
      ['note', 'Note', null],
      ['lost', 'No container', null],
    ])
  })

  test('has the arrows too, with what is written on them', () => {
    const arrow = {
      type: 'arrow',
      points: [
        [0, 0],
        [9, 0],
      ],
    }
    const elements = sceneOf(
      box('a', 0, 0),
      box('arrow', 50, 10, arrow),
      text('label', 0, 0, 'pays', { containerId: 'arrow' }),
    )
    const entries = sceneOutline(elements)
    expect(entries.map(({ element, text }) => [element.id, text])).toEqual([
      ['a', ''],
      ['arrow', 'pays'],
    ])
  })
})

test.each([
  ['a row that is not quite even', { a: [0, 4, 20], b: [50, 0, 20], c: [90, 9, 20] }, 'abc'],
  ['one row below another', { a: [50, 0, 20], b: [0, 10, 20], c: [10, 11, 20] }, 'abc'],
  ['what is beside something tall', { a: [0, 0, 900], b: [50, 10, 20], c: [40, 60, 20] }, 'abc'],
] as const)('%s is read from left to right', (_, boxes, order) => {
  const read = inReadingOrder(Object.entries(boxes).reverse(), ([, [x, y, height]]) => ({
    ...{ x, y, height },
    width: 10,
  }))
  expect(read.map(([name]) => name).join('')).toBe(order)
})

test('frames have what is in them', () => {
  const elements = sceneOf(
    box('in', 0, 0, { frameId: 'frame' }),
    box('out', 0, 0),
    box('lost', 0, 0, { frameId: 'nowhere' }),
    box('frame', 0, 0, { type: 'frame' }),
  )
  expect(
    sceneFrames(elements).map(({ frame, elements }) => [frame.id, elements.map(({ id }) => id)]),
  ).toEqual([['frame', ['in']]])
})
