import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { PIXEL } from '../test/support/files.ts'
import { readScene } from './document/read-scene.ts'
import { type ImportedScene, writeScene } from './imported-scene.ts'
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
