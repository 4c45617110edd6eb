import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { PIXEL } from '../test/support/files.ts'
import { readScene } from './document/read-scene.ts'
import { type ImportedScene, writeScene } from './imported-scene.ts'
import { readShapes } from './shapes.ts'
import { readYExcalidraw } from './y-excalidraw.ts'

const DIGEST = 'd'.repeat(64)

function sceneOf(imported: ImportedScene) {
  const doc = new Y.Doc()
  expect(writeScene(doc, imported, () => DIGEST)).toBe(imported.elements.length)
  return readScene(doc)
}

test('a board of y-excalidraw is read in the order of its places, with its files', () => {
  const doc = new Y.Doc()
  const row = (pos: string, el: unknown) => new Y.Map<unknown>(Object.entries({ pos, el }))
  const el = { type: 'image', x: 1, y: 2, width: 3, height: 4, version: 7, isDeleted: false }
  doc
    .getArray('elements')
    .push([
      row('a2', { ...el, id: 'top', fileId: 'file' }),
      row('a1', { ...el, id: 'bottom', type: 'rectangle', strokeColor: '#e03131' }),
      row('a3', { ...el, id: 'gone', type: 'rectangle', isDeleted: true }),
      row('a4', 'broken'),
      'broken',
    ])
  doc
    .getMap('assets')
    .set('file', { id: 'file', mimeType: 'image/png', dataURL: `data:image/png;base64,${PIXEL}` })
  const imported = readYExcalidraw(doc.getArray('elements'), doc.getMap('assets'))
  const { elements, files } = sceneOf(imported)
  expect(elements).toMatchObject([
    { id: 'bottom', strokeColor: '#e03131' },
    { id: 'top', fileId: 'file' },
  ])
  expect(files.get('file')).toEqual({ digest: DIGEST, mimeType: 'image/png' })
})

test('a board of the first whiteboard has its shapes, ink, text and pictures', () => {
  const doc = new Y.Doc()
  const shapes = doc.getMap<unknown>('shapes')
  const shape = (id: string, values: object) =>
    shapes.set(
      id,
      new Y.Map<unknown>(Object.entries({ x: 10, y: 20, w: 100, h: 50, color: 'red', ...values })),
    )
  shape('ink', { type: 'pen', order: 'a3', points: [0, 40, 50, 400, 0, 100, 0, 160, 30] })
  shape('box', { type: 'rectangle', order: 'a1', text: new Y.Text('a label') })
  shape('round', { type: 'ellipse', order: 'a2', text: new Y.Text('') })
  shape('note', {
    type: 'sticky',
    order: 'a4',
    color: 'blue',
    text: new Y.Text('many words that take several lines'),
  })
  shape('words', { type: 'text', order: 'a5', fontSize: 40, text: new Y.Text('big') })
  shape('photo', { type: 'image', order: 'a6', digest: DIGEST })
  shape('broken', { type: 'pen', order: 'a7', points: 'none' })
  shape('nowhere', { type: 'ellipse', x: Number.NaN })
  const imported = readShapes(shapes)
  expect(imported.skipped).toBe(2)
  const { elements, files } = sceneOf(imported)
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
    { id: 'photo', type: 'image', fileId: DIGEST },
  ])
  expect(files.get(DIGEST)?.digest).toBe(DIGEST)
  // Two people who open the board convert it to the same.
  expect(readShapes(shapes)).toEqual(imported)
})
