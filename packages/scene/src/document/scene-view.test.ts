import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { sceneOf } from '../../test/support/elements.ts'
import type { ElementInput, SceneElement } from '../elements/element.ts'
import { readScene } from './read-scene.ts'
import { type SceneChange, SceneView } from './scene-view.ts'
import { removeElements, writeElements } from './write-elements.ts'
import { writeBackground, writeFiles } from './write-files.ts'

const DIGEST = 'a'.repeat(64)
const boxes = (count: number): ElementInput[] =>
  Array.from({ length: count }, (_, i) => ({ id: `box ${i}`, type: 'rectangle', x: i, y: 0 }))
const arrow = (target: string) => ({
  id: 'arrow',
  type: 'arrow',
  x: 0,
  y: 0,
  points: [
    [0, 0],
    [5, 5],
  ],
  endBinding: { elementId: target, focus: 0, gap: 1 },
})

function viewOf(...elements: ElementInput[]) {
  const doc = new Y.Doc()
  writeElements(doc, elements)
  const view = new SceneView(doc)
  const changes: SceneChange[] = []
  view.observe((change) => changes.push(change))
  return { doc, view, changes }
}

test('a view shows what reading anew shows, whatever is done', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(sceneOf, fc.nat()), { minLength: 2, maxLength: 4 }), (steps) => {
      const { doc, view } = viewOf()
      const shown = new Map<string, SceneElement>()
      view.observe(({ changed, removed }) => {
        for (const id of changed) shown.set(id, view.get(id) as SceneElement)
        for (const id of removed) shown.delete(id)
      })
      const ids = steps.flatMap(([elements]) => elements.map(({ id }) => id))
      for (const [elements, pick] of steps) {
        // Ids of the steps before, so that things are bound anew.
        const renamed = elements.map((element, i) => ({
          ...element,
          id: ids[(pick + i) % ids.length]!,
        }))
        writeElements(doc, renamed)
        removeElements(
          doc,
          ids.filter((_, i) => (i + pick) % 5 === 0),
        )
        const { elements: anew } = readScene(doc)
        expect(view.elements).toEqual(anew)
        expect([...shown.values()].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
          [...anew].sort((a, b) => (a.id < b.id ? -1 : 1)),
        )
      }
    }),
  )
})

test('elements that did not change are the same objects', () => {
  const { doc, view } = viewOf(...boxes(3))
  const before = view.elements
  writeElements(doc, [{ id: 'box 1', type: 'rectangle', x: 9 }])
  expect(view.elements.map((element, i) => element === before[i])).toEqual([true, false, true])
})

test('a change names what shows otherwise because of it', () => {
  const { doc, changes } = viewOf(...boxes(3))
  writeElements(doc, [arrow('box 1')], { origin: 'me' })
  expect(changes[0]?.changed).toEqual(new Set(['arrow', 'box 1']))
  expect(changes[0]?.transaction.origin).toBe('me')
  writeElements(doc, [arrow('box 2')])
  expect(changes[1]?.changed).toEqual(new Set(['arrow', 'box 1', 'box 2']))
  removeElements(doc, ['box 2'])
  expect(changes[2]).toMatchObject({ changed: new Set(['arrow']), removed: new Set(['box 2']) })
})

test('a change of something else is none', () => {
  const { doc, changes } = viewOf(...boxes(1))
  doc.getMap('other').set('a', 1)
  expect(changes).toEqual([])
})

test('files and background are told', () => {
  const { doc, view, changes } = viewOf()
  writeFiles(doc, [
    ['file', { digest: DIGEST, mimeType: 'image/png' }],
    ['bad', { digest: 'x', mimeType: 'y' }],
  ])
  writeBackground(doc, '#fff')
  expect(changes.map(({ files, background }) => [[...files], background])).toEqual([
    [['file'], false],
    [[], true],
  ])
  expect(view.files).toEqual(new Map([['file', { digest: DIGEST, mimeType: 'image/png' }]]))
  expect(view.background).toBe('#fff')
})

test('a closed view follows no more', () => {
  const { doc, view, changes } = viewOf()
  view.close()
  writeElements(doc, boxes(1))
  expect(changes).toEqual([])
})

test('one change of 10,000 elements reads one', () => {
  const { doc, view } = viewOf(...boxes(10_000))
  expect(view.elements).toHaveLength(10_000)
  let reads = 0
  const elements = doc.getMap('elements')
  const get = elements.get.bind(elements)
  elements.get = (key: string) => {
    reads++
    return get(key)
  }
  ;(get('box 7') as Y.Map<unknown>).set('x', -5)
  expect(view.get('box 7')?.x).toBe(-5)
  expect(reads).toBe(1)
})

test('thousands of texts of one container take no longer than others', () => {
  const texts = Array.from({ length: 5_000 }, (_, i) => ({
    id: `t ${i}`,
    type: 'text',
    x: 0,
    y: 0,
    text: 'a',
    containerId: 'box 0',
  }))
  const { view } = viewOf(...boxes(1), ...texts)
  expect(view.get('box 0')?.boundElements).toHaveLength(1)
})
