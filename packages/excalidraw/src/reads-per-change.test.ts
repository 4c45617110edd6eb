import { type ElementInput, writeElements } from '@mindfuse/scene'
import { generateNKeysBetween } from 'fractional-indexing'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { OthersDrafts } from './others-drafts.ts'
import { type EditorElement, SceneSync } from './scene-sync.ts'

const COUNT = 10_000
const KEYS = generateNKeysBetween(null, null, COUNT)

const IDLE = { isPointerDown: false, ids: new Set<string>() }
const DRAWING = { ...IDLE, isPointerDown: true }

/** A board of 10,000 elements in an editor that counts what is read of them. */
function openLargeBoard() {
  const doc = new Y.Doc()
  const boxes = KEYS.map((index, i) => ({ id: `box-${i}`, type: 'rectangle', x: i, y: 0, index }))
  writeElements(doc, boxes)
  let versions = 0
  let others: string[] = []
  const inside = new Map<string, EditorElement>()
  const counted = (element: EditorElement) => {
    inside.set(element.id, element)
    return new Proxy(element, {
      get(target, name) {
        if (name === 'version') versions++
        else others.push(target.id)
        return Reflect.get(target, name)
      },
    })
  }
  let elements: readonly EditorElement[] = []
  const sync = new SceneSync({
    doc,
    editor: {
      elements: () => elements,
      show(shown) {
        const before = new Set(elements)
        elements = shown.map((element) => (before.has(element) ? element : counted(element)))
      },
    },
    canEdit: () => true,
  })
  sync.begin()
  sync.changed(IDLE)
  return {
    doc,
    sync,
    shown: (id: string) => inside.get(id),
    /** As Excalidraw does: in place. */
    change(id: string, values: object) {
      const element = inside.get(id)
      Object.assign(element ?? {}, values, { version: (element?.version ?? 0) + 1 })
    },
    /** What is read while this happens: versions, and elements of which more is read. */
    readsOf(work: () => void) {
      versions = 0
      others = []
      work()
      return { versions, elements: [...new Set(others)] }
    },
  }
}

test('nothing is read of 10,000 elements but their versions while none of them changes', () => {
  const { sync, readsOf } = openLargeBoard()
  const reads = readsOf(() => expect(sync.changed(DRAWING)).toEqual([]))
  expect(reads).toEqual({ versions: COUNT, elements: [] })
})

test('an element is read alone that is dragged, and then written', () => {
  const { doc, sync, change, readsOf } = openLargeBoard()
  for (let x = -1; x > -10; x--) {
    change('box-7', { x })
    const reads = readsOf(() => expect(sync.changed(DRAWING)).toEqual([{ id: 'box-7', x }]))
    expect(reads.elements).toEqual(['box-7'])
    expect(reads.versions).toBeLessThan(COUNT + 10)
  }
  let edits = 0
  doc.on('update', () => edits++)
  const reads = readsOf(() => sync.changed(IDLE))
  expect([edits, reads.elements]).toEqual([1, ['box-7']])
})

test('an element is read alone that another moves, and then draws on', () => {
  const { doc, sync, shown, readsOf } = openLargeBoard()
  const move = (element: ElementInput) => writeElements(doc, [element], { origin: 'another' })
  const moved = readsOf(() => move({ id: 'box-8', type: 'rectangle', y: 5 }))
  expect([shown('box-8')?.y, moved.elements]).toEqual([5, ['box-8']])
  const drafts = new OthersDrafts()
  const drawn = readsOf(() => {
    const others = new Map([['1', { drafts: new Map([['draft', { id: 'box-8', y: 6 }]]) }]])
    sync.showDrafts(drafts.read(others as never, (id) => sync.view.get(id)))
  })
  expect([shown('box-8')?.y, drawn.elements]).toEqual([6, ['box-8']])
  expect(drawn.versions).toBeLessThan(COUNT + 10)
})
