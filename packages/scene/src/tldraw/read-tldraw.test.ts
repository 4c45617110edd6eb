import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import {
  binding,
  encodeFloats,
  imageAsset,
  page,
  richText,
  shape,
  snapshots,
  tldrFile,
} from '../../test/support/tldraw.ts'
import { readScene } from '../document/read-scene.ts'
import { SceneFormatError, writeScene } from '../imported-scene.ts'
import { readTldraw } from './read-tldraw.ts'

const DIGEST = 'd'.repeat(64)

function sceneOf(...records: object[]) {
  const imported = readTldraw(tldrFile(...records))
  const doc = new Y.Doc()
  expect(writeScene(doc, imported, () => DIGEST)).toBe(imported.elements.length)
  return { ...readScene(doc), notTaken: imported.skipped }
}

const near = (value: number) => expect.closeTo(value, 6)
const geo = {
  geo: 'rectangle',
  w: 100,
  h: 50,
  color: 'red',
  fill: 'solid',
  dash: 'draw',
  size: 'm',
}

test('a box has its colours, lines and label', () => {
  const { elements } = sceneOf(
    shape(
      'a',
      'geo',
      { ...geo, richText: richText('Hello', 'world'), align: 'start' },
      { x: 10, y: 20, opacity: 0.5 },
    ),
  )
  expect(elements).toMatchObject([
    {
      id: 'shape:a',
      type: 'rectangle',
      x: 10,
      y: 20,
      width: 100,
      height: 50,
      strokeColor: '#e03131',
      backgroundColor: '#f4dadb',
      strokeWidth: 2,
      roughness: 1,
      opacity: 50,
      boundElements: [{ id: 'shape:a-text', type: 'text' }],
    },
    { originalText: 'Hello\nworld', textAlign: 'left', containerId: 'shape:a', fontSize: 22 },
  ])
})

test.each([
  ['rectangle', 'rectangle'],
  ['check-box', 'rectangle'],
  ['ellipse', 'ellipse'],
  ['cloud', 'ellipse'],
  ['diamond', 'diamond'],
  ['triangle', 'line'],
  ['pentagon', 'line'],
  ['star', 'line'],
  ['arrow-up', 'line'],
  ['heart', 'line'],
  ['__proto__', 'rectangle'],
])('a geo of %s is a %s of its size', (kind, type) => {
  const { elements } = sceneOf(
    shape('a', 'geo', { ...geo, geo: kind, text: 'old text' }, { x: 5, y: 5 }),
  )
  expect(elements.map((element) => element.type)).toEqual([type, 'text'])
  if (type !== 'line') return
  const { points } = elements[0] as unknown as { points: number[][] }
  expect(points.at(-1)).toEqual([0, 0])
  for (const [x, y] of points) {
    expect(5 + x! - (5 - elements[0]!.x)).toBeLessThanOrEqual(105)
    expect(y! + elements[0]!.y).toBeLessThanOrEqual(55.000001)
  }
})

test('what is turned is turned around its middle', () => {
  const { elements } = sceneOf(shape('a', 'geo', geo, { x: 0, y: 0, rotation: Math.PI / 2 }))
  // Its corner stays where it is: it lies to the left of it now.
  expect(elements[0]).toMatchObject({
    x: near(-75),
    y: near(25),
    width: 100,
    angle: near(Math.PI / 2),
  })
})

test('groups and frames are where their shapes are', () => {
  const { elements } = sceneOf(
    shape('frame', 'frame', { w: 400, h: 300, name: 'Plan' }, { x: 1000, y: 100, index: 'a1' }),
    shape('group', 'group', {}, { parentId: 'shape:frame', x: 10, y: 10 }),
    shape('in', 'geo', geo, { parentId: 'shape:group', x: 1, y: 2 }),
  )
  expect(elements).toMatchObject([
    { id: 'shape:in', x: 1011, y: 112, groupIds: ['shape:group'], frameId: 'shape:frame' },
    { id: 'shape:frame', type: 'frame', name: 'Plan' },
  ])
})

describe('an arrow', () => {
  const a = shape('a', 'geo', geo, { x: 0, y: 0, index: 'a1' })
  const b = shape('b', 'geo', geo, { x: 300, y: 0, index: 'a2' })
  const plain = {
    start: { x: 0, y: 0 },
    end: { x: 9, y: 9 },
    bend: 0,
    arrowheadEnd: 'arrow',
    arrowheadStart: 'none',
  }
  const expected = {
    x: near(100),
    y: near(25),
    points: [
      [0, 0],
      [near(200), near(0)],
    ],
    startBinding: { elementId: 'shape:a' },
    endBinding: { elementId: 'shape:b' },
    startArrowhead: null,
    endArrowhead: 'arrow',
  }

  test('goes from edge to edge of what it is bound to', () => {
    const { elements } = sceneOf(
      a,
      b,
      shape('arrow', 'arrow', { ...plain, richText: richText('to') }, { index: 'a3' }),
      binding('arrow', 'a', 'start'),
      binding('arrow', 'b', 'end'),
    )
    expect(elements[2]).toMatchObject(expected)
    expect(elements[0]).toMatchObject({ boundElements: [{ id: 'shape:arrow', type: 'arrow' }] })
    expect(elements[3]).toMatchObject({ originalText: 'to', containerId: 'shape:arrow' })
  })

  test('is the same of the time when it held its bindings itself', () => {
    const end = (id: string) => ({
      type: 'binding',
      boundShapeId: `shape:${id}`,
      normalizedAnchor: { x: 0.5, y: 0.5 },
    })
    const { elements } = sceneOf(
      a,
      b,
      shape('arrow', 'arrow', { ...plain, start: end('a'), end: end('b') }, { index: 'a3' }),
    )
    expect(elements[2]).toMatchObject(expected)
  })

  test('that is bound to nothing, or to what is gone, goes where it says', () => {
    const { elements } = sceneOf(
      shape('arrow', 'arrow', { ...plain, bend: 10 }, { x: 5 }),
      binding('arrow', 'gone', 'end'),
    )
    expect(elements).toMatchObject([{ x: 5, endBinding: null, roundness: { type: 2 } }])
    expect((elements[0] as unknown as { points: unknown[] }).points).toHaveLength(3)
  })
})

describe('a stroke', () => {
  const expected = {
    x: 10,
    y: 20,
    points: [
      [0, 0],
      [1, 2],
      [3, 5],
    ],
  }

  test.each([
    [
      'points',
      {
        points: [
          { x: 0, y: 0, z: 0.5 },
          { x: 1, y: 2, z: 0.25 },
          { x: 3, y: 5, z: 1 },
        ],
      },
    ],
    ['points in 16 bits', { points: encodeFloats([], [0, 0, 0.5, 1, 2, 0.25, 3, 5, 1]) }],
    ['steps', { path: encodeFloats([0, 0, 0.5], [1, 2, -0.25, 2, 3, 0.75]) }],
  ])('is the same of %s', (_, segment) => {
    const props = {
      color: 'black',
      size: 'l',
      isPen: true,
      segments: [{ type: 'free', ...segment }],
    }
    const { elements } = sceneOf(shape('a', 'draw', props, { x: 10, y: 20 }))
    expect(elements).toMatchObject([
      { type: 'freedraw', ...expected, pressures: [0.5, 0.25, 1], strokeWidth: 4 },
    ])
  })

  test('of a highlighter is broad and light', () => {
    const segments = [
      {
        type: 'free',
        points: [
          { x: 0, y: 0 },
          { x: 5, y: 5 },
        ],
      },
    ]
    const { elements } = sceneOf(shape('a', 'highlight', { color: 'yellow', size: 'm', segments }))
    expect(elements).toMatchObject([
      { type: 'freedraw', opacity: 40, strokeWidth: 8, simulatePressure: true },
    ])
  })
})

test.each([
  [
    'a list',
    [
      { x: 0, y: 0 },
      { x: 5, y: 5 },
    ],
  ],
  ['ids', { b: { id: 'b', index: 'a2', x: 5, y: 5 }, a: { id: 'a', index: 'a1', x: 0, y: 0 } }],
])('a line is read of %s', (_, points) => {
  const { elements } = sceneOf(shape('a', 'line', { points, spline: 'cubic' }))
  expect(elements).toMatchObject([
    {
      type: 'line',
      points: [
        [0, 0],
        [5, 5],
      ],
      roundness: { type: 2 },
    },
  ])
})

test('notes, texts, pictures, embeds and bookmarks are taken over', () => {
  const crop = { topLeft: { x: 0.25, y: 0 }, bottomRight: { x: 0.75, y: 1 } }
  const { elements, files, notTaken } = sceneOf(
    shape(
      'note',
      'note',
      { color: 'blue', richText: richText('a note'), growY: 50 },
      { index: 'a1' },
    ),
    shape(
      'text',
      'text',
      { richText: richText('some text'), size: 'xl', autoSize: true, w: 8 },
      { index: 'a2' },
    ),
    shape(
      'photo',
      'image',
      { w: 40, h: 20, assetId: 'asset:photo', crop, flipX: true },
      { index: 'a3' },
    ),
    shape('away', 'image', { w: 40, h: 20, assetId: 'asset:away' }, { index: 'a4' }),
    shape('embed', 'embed', { w: 40, h: 20, url: 'https://example.com/video' }, { index: 'a5' }),
    shape('mark', 'bookmark', { w: 300, h: 320, url: 'https://example.com/' }, { index: 'a6' }),
    shape('odd', 'hologram', {}, { index: 'a7' }),
    imageAsset('photo'),
    imageAsset('away', 'https://example.com/a.png'),
  )
  expect(elements).toMatchObject([
    { id: 'shape:note', type: 'rectangle', width: 200, height: 250 },
    { originalText: 'a note', strokeColor: '#1d1d1d' },
    { id: 'shape:text', type: 'text', fontSize: 44, autoResize: true },
    {
      id: 'shape:photo',
      type: 'image',
      fileId: 'asset:photo',
      scale: [-1, 1],
      crop: { x: 100, y: 0, width: 200, height: 200, naturalWidth: 400, naturalHeight: 200 },
    },
    { id: 'shape:away', type: 'rectangle', link: 'https://example.com/a.png' },
    { originalText: 'away.png' },
    { id: 'shape:embed', type: 'embeddable', link: 'https://example.com/video' },
    { id: 'shape:mark', type: 'rectangle', link: 'https://example.com/' },
    { originalText: 'https://example.com/' },
  ])
  expect(files.get('asset:photo')).toEqual({ digest: DIGEST, mimeType: 'image/png' })
  expect(notTaken).toBe(1)
})

test('pages lie side by side', () => {
  const { elements } = sceneOf(
    page('2', 'a2'),
    shape('a', 'geo', geo, { x: 50 }),
    shape('b', 'geo', geo, { x: -1000, parentId: 'page:2' }),
  )
  expect(elements.map(({ x }) => x)).toEqual([50, 650])
})

test('snapshots are the same as files', () => {
  const file = tldrFile(shape('a', 'geo', geo))
  for (const snapshot of snapshots(file)) expect(readTldraw(snapshot)).toEqual(readTldraw(file))
})

test.each([null, 7, [], {}, { records: 7 }, { type: 'excalidraw', elements: [] }])(
  '%j is no file',
  (value) => {
    expect(() => readTldraw(value)).toThrow(SceneFormatError)
  },
)

test('whatever properties are, there are only whole elements', () => {
  const types = [
    'geo',
    'note',
    'text',
    'draw',
    'highlight',
    'line',
    'frame',
    'image',
    'embed',
    'arrow',
    'group',
  ]
  const names = [
    'geo',
    'w',
    'h',
    'points',
    'segments',
    'text',
    'richText',
    'start',
    'crop',
    'color',
    'scale',
    'url',
  ]
  const record = fc.record({
    type: fc.constantFrom(...types),
    props: fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 3 })),
    parent: fc.constantFrom('page:1', 'shape:0', 'shape:1', 'nowhere'),
    x: fc.jsonValue({ maxDepth: 0 }),
  })
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), (records) => {
      const shapes = records.map(({ type, props, parent, x }, i) =>
        shape(`${i}`, type, props, { parentId: parent, x }),
      )
      const doc = new Y.Doc()
      writeScene(doc, readTldraw(tldrFile(...shapes)), () => DIGEST)
      expect(readScene(doc).skipped).toEqual([])
    }),
  )
})
