import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import {
  excalidrawFile,
  fileV1,
  LEGACY,
  libraries,
  PIXEL,
  strokes,
} from '../../test/support/files.ts'
import { readScene } from '../document/read-scene.ts'
import { type ImportedScene, SceneFormatError, writeScene } from '../imported-scene.ts'
import { readExcalidraw, toExcalidraw } from './file.ts'
import { readExcalidrawLibrary, toExcalidrawLibrary } from './library.ts'

const DIGEST = 'd'.repeat(64)

function docOf(imported: ImportedScene): Y.Doc {
  const doc = new Y.Doc()
  expect(writeScene(doc, imported, () => DIGEST)).toBe(imported.elements.length)
  return doc
}

const counted = ['version', 'versionNonce', 'updated', 'isDeleted']
const withoutCounts = (elements: readonly object[]) =>
  elements
    .map((element) =>
      Object.fromEntries(Object.entries(element).filter(([name]) => !counted.includes(name))),
    )
    .filter(({ id }) => id !== 'gone')

describe('a file of Excalidraw', () => {
  test('is the same after it was a document', () => {
    fc.assert(
      fc.property(excalidrawFile, (file) => {
        const imported = readExcalidraw(JSON.parse(JSON.stringify(file)))
        expect(imported.skipped).toBe(0)
        const scene = readScene(docOf(imported))
        const pictures = new Map(
          [...imported.files].flatMap(([id, picture]) =>
            'bytes' in picture ? [[id, picture] as const] : [],
          ),
        )
        const written = toExcalidraw(scene, pictures)
        expect(withoutCounts(written.elements)).toEqual(withoutCounts(file.elements))
        expect(written.appState.viewBackgroundColor).toBe('#f8f9fa')
        const isShown = file.elements.some(
          (element) => 'fileId' in element && element.fileId === 'file-1',
        )
        expect(Object.keys(written.files)).toEqual(isShown ? ['file-1'] : [])
        if (isShown) {
          expect(written.files['file-1']?.dataURL).toBe(`data:image/png;base64,${PIXEL}`)
          expect(scene.files.get('file-1')).toEqual({ digest: DIGEST, mimeType: 'image/png' })
        }
        expect(readExcalidraw(JSON.parse(JSON.stringify(written))).elements).toHaveLength(
          scene.elements.length,
        )
      }),
      { numRuns: 50 },
    )
  })

  test.each([10, 400])('of %d strokes is the same', (count) => {
    const file = fileV1(strokes(count))
    const { elements } = readScene(docOf(readExcalidraw(file)))
    expect(elements).toHaveLength(count)
    const { points } = elements.at(-1) as unknown as { points: unknown }
    expect(points).toEqual(
      strokes(count).at(-1) && (strokes(count).at(-1) as { points: unknown }).points,
    )
  })

  test.each<[keyof typeof LEGACY, object]>([
    [
      'draw',
      {
        type: 'line',
        points: [
          [0, 0],
          [9, 9],
        ],
      },
    ],
    [
      'an arrow without points',
      {
        x: 1,
        y: 2,
        points: [
          [0, 0],
          [30, -40],
        ],
        endArrowhead: 'arrow',
      },
    ],
    [
      'points that begin elsewhere',
      {
        width: 2,
        x: 4,
        y: 6,
        points: [
          [0, 0],
          [2, 2],
        ],
      },
    ],
    ['font', { fontSize: 20, fontFamily: 1, lineHeight: 1.25, originalText: 'Hi' }],
    ['strokeSharpness', { roundness: { type: 1 } }],
    ['a negative size', { x: 5, y: 4, width: 5, height: 6 }],
    ['two lines without lineHeight', { lineHeight: 1.2 }],
  ])('of an early version is read: %s', (name, expected) => {
    const { elements } = readScene(docOf(readExcalidraw(fileV1([LEGACY[name]]))))
    expect(elements).toMatchObject([expected])
  })

  test('has labels that only their containers name', () => {
    const box = {
      id: 'box',
      type: 'rectangle',
      x: 0,
      y: 0,
      boundElements: [{ id: 't', type: 'text' }],
    }
    const text = { id: 't', type: 'text', x: 0, y: 0, text: 'in it' }
    const { elements } = readScene(docOf(readExcalidraw(fileV1([box, text]))))
    expect(elements.map(({ id, boundElements }) => [id, boundElements])).toEqual([
      ['box', [{ id: 't', type: 'text' }]],
      ['t', null],
    ])
  })

  test('is in the order of its list, whatever its indices say', () => {
    const box = (id: string, index: unknown) => ({ id, type: 'rectangle', x: 0, y: 0, index })
    const file = fileV1([
      box('a', 'a5'),
      box('b', 'a1'),
      box('b', null),
      7,
      { type: 'worm', id: 'w' },
    ])
    const imported = readExcalidraw(file)
    expect(imported.skipped).toBe(2)
    expect(readScene(docOf(imported)).elements.map(({ id }) => id)).toEqual(['a', 'b', 'b~2'])
  })

  test.each([
    null,
    7,
    'excalidraw',
    [],
    {},
    { type: 'tldraw' },
    { type: 'excalidraw', elements: {} },
  ])('is not %j', (value) => {
    expect(() => readExcalidraw(value)).toThrow(SceneFormatError)
  })

  test('takes harmful addresses from nobody', () => {
    const box = { id: 'box', type: 'rectangle', x: 0, y: 0, link: 'java\nscript:alert(1)' }
    expect(readScene(docOf(readExcalidraw(fileV1([box])))).elements[0]?.link).toBeNull()
  })
})

describe('a library of Excalidraw', () => {
  test('has the same elements in both versions, and when it is written', () => {
    fc.assert(
      fc.property(libraries, ({ items, v1, v2 }) => {
        const read = readExcalidrawLibrary(v2)
        expect(read.map(({ name, status }) => [name, status])).toEqual(
          items.map((_, i) => [`Item ${i}`, 'published']),
        )
        expect(readExcalidrawLibrary(v1).map(({ elements }) => elements)).toEqual(
          read.map(({ elements }) => elements),
        )
        expect(
          readExcalidrawLibrary(JSON.parse(JSON.stringify(toExcalidrawLibrary(read)))),
        ).toEqual(read)
      }),
      { numRuns: 30 },
    )
  })

  test('is not a scene', () => {
    expect(() => readExcalidrawLibrary(fileV1([]))).toThrow(SceneFormatError)
  })
})
