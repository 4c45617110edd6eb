import { type ElementInput, readScene, type SceneElement, writeElements } from '@mindfuse/scene'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { compareScenes } from './compare-scenes.ts'

const box = (id: string, more: object = {}) => ({
  ...{ id, type: 'rectangle', x: 0, y: 0, width: 10, height: 10 },
  ...more,
})

/** The scene of a new document: nothing of it is shared with another, as of a version. */
function sceneOf(...elements: ElementInput[]): readonly SceneElement[] {
  const doc = new Y.Doc()
  writeElements(doc, elements)
  return readScene(doc).elements
}

test('elements are added, changed and removed', () => {
  const before = sceneOf(
    box('same', { index: 'a0' }),
    box('moved', { index: 'a1' }),
    box('gone', { index: 'a2' }),
  )
  const after = sceneOf(
    box('same', { index: 'a0' }),
    box('moved', { index: 'a1', x: 5 }),
    box('new', { index: 'a3' }),
  )
  expect(compareScenes(before, after)).toEqual({
    added: new Set(['new']),
    changed: new Set(['moved']),
    removed: new Set(['gone']),
  })
})

test('what an arrow is bound to is not changed by that', () => {
  const target = box('target', { index: 'a0' })
  const arrow = {
    ...box('arrow', { type: 'arrow', index: 'a1' }),
    points: [
      [0, 0],
      [10, 10],
    ],
    endBinding: { elementId: 'target', focus: 0, gap: 1 },
  }
  const before = sceneOf(target)
  const after = sceneOf(target, arrow)
  expect(after.find(({ id }) => id === 'target')?.boundElements).toHaveLength(1)
  expect(compareScenes(before, after)).toMatchObject({
    added: new Set(['arrow']),
    changed: new Set(),
  })
})
