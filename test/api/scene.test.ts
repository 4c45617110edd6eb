import { readScene, writeElements } from '@mindfuse/scene'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { ELEMENT_TYPES, elementOf } from '../../packages/scene/test/support/elements.ts'
import { fileV1, LEGACY } from '../../packages/scene/test/support/files.ts'
import type { Part } from '../support/cast.ts'
import { fileOf, newPicture, type TestFile } from '../support/files.ts'
import { test as base } from '../support/fixtures.ts'

const SCENE = 'application/vnd.excalidraw+json'

const test = base
  .extend('fetchAs', ({ stack, cast }) => (part: Part, path: string, init: RequestInit = {}) => {
    return fetch(`${stack.apiUrl}/api/boards/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${cast[part].accessToken}`, ...init.headers },
    })
  })
  .extend(
    'importAs',
    ({ fetchAs }) =>
      async (part: Part, boardId: string, file: unknown, type = SCENE) => {
        const response = await fetchAs(part, `${boardId}/import`, {
          method: 'POST',
          headers: { 'content-type': type },
          body: typeof file === 'string' ? file : JSON.stringify(file),
        })
        return { status: response.status, body: (await response.json()) as any }
      },
  )
  .extend('exportAs', ({ fetchAs }) => async (part: Part, boardId: string) => {
    const response = await fetchAs(part, `${boardId}/export`, { headers: { accept: SCENE } })
    expect(response.headers.get('content-type')).toBe(SCENE)
    return (await response.json()) as any
  })

const dataUrl = ({ bytes }: TestFile, type = 'image/png') =>
  `data:${type};base64,${bytes.toString('base64')}`

/** An element without what counts its changes, and its place. */
const withoutCounts = ({ version, versionNonce, updated, index, ...element }: any) => element

/** A file with a box, its label, an arrow to it, and pictures. */
function fileWith(...pictures: [id: string, dataURL: string][]) {
  return {
    type: 'excalidraw',
    version: 2,
    source: 'https://excalidraw.com',
    elements: [
      {
        id: 'box',
        type: 'rectangle',
        x: 10,
        y: 20,
        width: 200,
        height: 80,
        version: 9,
        strokeColor: '#e03131',
      },
      {
        id: 'label',
        type: 'text',
        x: 60,
        y: 50,
        width: 90,
        height: 25,
        text: 'Hello 界',
        containerId: 'box',
      },
      {
        id: 'arrow',
        type: 'arrow',
        x: 0,
        y: 0,
        points: [
          [0, 0],
          [9.25, 19.5],
        ],
        endBinding: { elementId: 'box', focus: 0.1, gap: 1 },
      },
      ...pictures.map(([id], i) => ({
        id: `picture ${i}`,
        type: 'image',
        x: i,
        y: 0,
        width: 5,
        height: 5,
        fileId: id,
      })),
    ],
    appState: { viewBackgroundColor: '#f8f9fa', gridSize: 20 },
    files: Object.fromEntries(
      pictures.map(([id, dataURL]) => [id, { id, mimeType: 'image/png', dataURL, created: 1 }]),
    ),
  }
}

describe('a scene that is imported', () => {
  test('is one edit, with its pictures as files of the board, and comes out again', async ({
    cast,
    importAs,
    exportAs,
    fetchAs,
    documents,
  }) => {
    const boardId = await cast.newBoard()
    const picture = newPicture(100_000)
    const file = fileWith(['file-1', dataUrl(picture)])
    expect(await importAs('editor', boardId, file)).toEqual({
      status: 200,
      body: { seq: 1, changed: true, skipped: 0 },
    })
    const bytes = await fetchAs('viewer', `${boardId}/assets/${picture.digest}`)
    expect(bytes.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await bytes.arrayBuffer()).equals(picture.bytes)).toBe(true)

    const scene = readScene(await documents.open(boardId))
    expect(scene.elements.map(({ id }) => id)).toEqual(['box', 'label', 'arrow', 'picture 0'])
    expect(scene.files.get('file-1')).toEqual({ digest: picture.digest, mimeType: 'image/png' })

    const exported = await exportAs('viewer', boardId)
    expect(exported).toMatchObject({
      type: 'excalidraw',
      version: 2,
      appState: { viewBackgroundColor: '#f8f9fa' },
      files: { 'file-1': { id: 'file-1', mimeType: 'image/png', dataURL: dataUrl(picture) } },
    })
    expect(exported.elements).toMatchObject([
      { id: 'box', strokeColor: '#e03131', boundElements: [{ id: 'label' }, { id: 'arrow' }] },
      { id: 'label', originalText: 'Hello 界' },
      {
        id: 'arrow',
        points: [
          [0, 0],
          [9.25, 19.5],
        ],
      },
      { id: 'picture 0', fileId: 'file-1' },
    ])
    // What came out changes nothing when it goes in again, and another board is the same with it.
    expect((await importAs('editor', boardId, exported)).body).toEqual({
      seq: 1,
      changed: false,
      skipped: 0,
    })
    const copy = await cast.newBoard()
    await importAs('editor', copy, exported)
    expect(await exportAs('viewer', copy)).toEqual(exported)
  })

  test('takes the place of the elements with its ids, and leaves the others', async ({
    cast,
    importAs,
    exportAs,
    documents,
  }) => {
    const boardId = await cast.newBoard()
    const doc = new Y.Doc()
    writeElements(doc, [
      { id: 'box', type: 'rectangle', x: 0, y: 0, opacity: 50 },
      { id: 'other', type: 'ellipse', x: 0, y: 0 },
    ])
    await documents.append(boardId, cast.editor.user.id, Y.encodeStateAsUpdate(doc))
    await importAs('editor', boardId, fileWith())
    const { elements } = await exportAs('viewer', boardId)
    expect(elements.map(({ id }: any) => id).sort()).toEqual(['arrow', 'box', 'label', 'other'])
    expect(elements.find(({ id }: any) => id === 'box')).toMatchObject({ x: 10, opacity: 50 })
  })

  test('is the same when it comes out, of every type', async ({ cast, importAs, exportAs }) => {
    const boardId = await cast.newBoard()
    const drawn = ELEMENT_TYPES.flatMap((type) =>
      fc.sample(elementOf(type), { seed: 7, numRuns: 4 }),
    )
    const elements = drawn.map((element, i) => ({ ...element, id: `element ${i}` }))
    const pictures = ['file-1', 'file-2'].map(
      (id) => [id, dataUrl(newPicture())] as [string, string],
    )
    const file = { ...fileWith(...pictures), elements }
    expect((await importAs('editor', boardId, file)).body).toMatchObject({ skipped: 0 })
    const exported = await exportAs('viewer', boardId)
    expect(exported.elements.map(withoutCounts)).toEqual(elements.map(withoutCounts))
    const named = pictures.filter(([name]) => elements.some((each: any) => each.fileId === name))
    expect(named).not.toEqual([])
    const files = Object.entries<any>(exported.files).map(([id, { dataURL }]) => [id, dataURL])
    expect(files).toEqual(named)
  })

  test.for(Object.keys(LEGACY) as (keyof typeof LEGACY)[])(
    'is taken over where an early version wrote it: %s',
    async (name, { cast, importAs, exportAs }) => {
      const boardId = await cast.newBoard()
      expect((await importAs('editor', boardId, fileV1([LEGACY[name]]))).body).toMatchObject({
        changed: true,
        skipped: 0,
      })
      expect((await exportAs('viewer', boardId)).elements).toHaveLength(1)
    },
  )

  test('says what could not be taken over', async ({ cast, importAs, exportAs }) => {
    const boardId = await cast.newBoard()
    const file = fileWith(['good', dataUrl(newPicture())], ['bad', dataUrl(fileOf('#!/bin/sh'))])
    const elements = [...file.elements, { id: 'hologram', type: 'hologram' }, 'nothing']
    expect((await importAs('editor', boardId, { ...file, elements })).body).toMatchObject({
      skipped: 3,
    })
    const { files } = await exportAs('viewer', boardId)
    expect(Object.keys(files)).toEqual(['good'])
  })

  test.for<[string, unknown, number, string]>([
    ['no JSON', '{"type":', 422, 'malformed_scene'],
    ['something else', { type: 'tldraw' }, 422, 'malformed_scene'],
    ['nested without end', '['.repeat(1_000_000), 422, 'malformed_scene'],
  ])(
    'is refused where it is %s, and leaves the board whole',
    async ([, file, status, code], { cast, importAs, fetchAs }) => {
      const boardId = await cast.newBoard()
      expect(await importAs('editor', boardId, file)).toMatchObject({ status, body: { code } })
      const details = await fetchAs('viewer', `${boardId}/document`)
      expect(await details.json()).toMatchObject({ seq: 0, isDamaged: false, buildFailure: null })
    },
  )

  test('is an edit of people who may edit', async ({ cast, importAs, fetchAs }) => {
    const boardId = await cast.newBoard()
    expect((await importAs('viewer', boardId, fileWith())).status).toBe(403)
    expect((await importAs('stranger', boardId, fileWith())).status).toBe(404)
    expect((await importAs('editor', boardId, fileWith(), 'application/json')).status).toBe(415)
    const stranger = await fetchAs('stranger', `${boardId}/export`, { headers: { accept: SCENE } })
    expect(stranger.status).toBe(404)
  })

  test('of thousands of elements blocks nobody, and is the same', async ({
    cast,
    importAs,
    exportAs,
  }) => {
    const boardId = await cast.newBoard()
    const elements = Array.from({ length: 3_000 }, (_, i) => ({
      id: `stroke ${i}`,
      type: 'freedraw',
      x: i,
      y: i,
      width: 50,
      height: 50,
      points: Array.from({ length: 50 }, (_, n) => [n + i / 7, (n * n) / 50]),
      pressures: [],
      simulatePressure: true,
    }))
    const imported = importAs('editor', boardId, { type: 'excalidraw', elements })
    expect((await imported).body).toMatchObject({ changed: true, skipped: 0 })
    const exported = await exportAs('viewer', boardId)
    expect(exported.elements).toHaveLength(3_000)
    expect(exported.elements[7].points).toEqual(elements[7]!.points)
  })
})

test('an empty board is an empty scene', async ({ cast, exportAs }) => {
  const boardId = await cast.newBoard()
  expect(await exportAs('viewer', boardId)).toMatchObject({
    type: 'excalidraw',
    elements: [],
    files: {},
  })
})

test('a board from before Excalidraw is a scene, with its pictures', async ({
  cast,
  exportAs,
  fetchAs,
  documents,
}) => {
  const boardId = await cast.newBoard()
  const { bytes, digest } = newPicture(1_000)
  await fetchAs('editor', `${boardId}/assets/${digest}`, { method: 'PUT', body: bytes })
  const doc = new Y.Doc()
  const shape = { type: 'image', x: 1, y: 2, w: 30, h: 40, color: 'ink', order: 'a1', digest }
  doc.getMap('shapes').set('photo', new Y.Map(Object.entries(shape)))
  await documents.append(boardId, cast.editor.user.id, Y.encodeStateAsUpdate(doc))
  expect(await exportAs('viewer', boardId)).toMatchObject({
    elements: [{ id: 'photo', type: 'image', x: 1, width: 30, fileId: digest }],
    files: { [digest]: { mimeType: 'image/png', dataURL: dataUrl({ bytes, digest }) } },
  })
})
