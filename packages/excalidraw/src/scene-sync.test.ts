import {
  checkElement,
  compareOrder,
  readScene,
  removeElements,
  writeElements,
} from '@mindfuse/scene'
import fc from 'fast-check'
import { generateKeyBetween } from 'fractional-indexing'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type DraftsOfOthers, OthersDrafts } from './others-drafts.ts'
import { type Busy, type DraftElement, type EditorElement, SceneSync } from './scene-sync.ts'

const IDLE: Busy = { isPointerDown: false, ids: new Set() }
const DRAWING: Busy = { isPointerDown: true, ids: new Set() }

/** An editor that changes its elements in place, as Excalidraw does. */
class SimulatedEditor {
  readonly doc = new Y.Doc()
  readonly sync: SceneSync
  canEdit = true
  busy = IDLE
  shown = 0
  unwritten: DraftElement[] = []
  readonly #othersDrafts = new OthersDrafts()
  #elements: EditorElement[] = []

  constructor() {
    this.sync = new SceneSync({
      doc: this.doc,
      editor: {
        elements: () => this.#elements,
        show: (elements) => {
          this.shown++
          this.#elements = [...elements]
        },
      },
      canEdit: () => this.canEdit,
    })
    this.sync.begin()
  }

  get all(): readonly EditorElement[] {
    return this.#elements
  }

  get(id: string): Record<string, any> | undefined {
    return this.#elements.find((element) => element.id === id)
  }

  /** The ids of what is to be seen, the lowest first. */
  get visible(): string[] {
    return this.#elements.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id)
  }

  add(element: Pick<EditorElement, 'id' | 'type'> & Record<string, unknown>): void {
    const top = this.#elements.at(-1)?.index ?? null
    const index = generateKeyBetween(top, null)
    const whole = { x: 0, y: 0, width: 10, height: 10, index, ...element }
    this.#elements.push({ ...whole, version: 1, versionNonce: 1, isDeleted: false })
    this.unwritten = this.sync.changed(this.busy)
  }

  change(id: string, change: object): void {
    const element = this.get(id)
    if (!element) return
    Object.assign(element, change)
    element.version++
    this.#elements.sort(compareOrder)
    this.unwritten = this.sync.changed(this.busy)
  }

  /** Sees what others are drawing now. */
  see(others: readonly SimulatedEditor[]): void {
    const drafts = others.map(({ unwritten }, i) => {
      const values = unwritten.map((element) => [element.id, element] as const)
      return [`${i}`, { user: { id: `${i}`, name: '' }, drafts: new Map<string, unknown>(values) }]
    })
    const read = new Map(drafts as [string, never][]) as DraftsOfOthers
    this.sync.showDrafts(this.#othersDrafts.read(read, (id) => this.sync.view.get(id)))
  }

  press(busy = DRAWING): void {
    this.busy = busy
    this.unwritten = this.sync.changed(busy)
  }

  release(): void {
    this.busy = IDLE
    this.unwritten = this.sync.changed(IDLE)
  }
}

/** A document, and what is to be shown of it in an editor that is loading. */
function loading() {
  const doc = new Y.Doc()
  const editor = { elements: [] as readonly EditorElement[], shown: 0 }
  const sync = new SceneSync({
    doc,
    editor: {
      elements: () => editor.elements,
      show(elements) {
        editor.shown++
        editor.elements = elements
      },
    },
    canEdit: () => true,
  })
  const write = (id: string, index: string, values: object = {}) =>
    writeElements(doc, [
      { id, type: 'rectangle', x: 0, y: 0, width: 10, height: 10, index, ...values },
    ])
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  return { doc, editor, sync, write, updates }
}

test('what an editor was given to begin with is not shown again, and not written', () => {
  const { editor, sync, write, updates } = loading()
  write('above', 'a2')
  write('below', 'a1')
  const written = updates.length
  editor.elements = sync.give().map((element) => ({ ...element }))
  expect(editor.elements.map(({ id }) => id)).toEqual(['below', 'above'])
  sync.begin()
  sync.changed(IDLE)
  expect([editor.shown, updates.length]).toEqual([0, written])
  write('below', 'a1', { x: 50 })
  expect(editor.shown).toBe(1)
  expect(editor.elements[0]).toMatchObject({ id: 'below', x: 50, version: 2 })
})

test('what changes while an editor loads is shown when it has loaded', () => {
  const { doc, editor, sync, write } = loading()
  write('changed', 'a1')
  write('removed', 'a2')
  const given = sync.give()
  write('changed', 'a1', { x: 50 })
  write('added', 'a3')
  removeElements(doc, ['removed'])
  expect(editor.shown).toBe(0)
  editor.elements = given
  sync.begin()
  const there = editor.elements.filter(({ isDeleted }) => !isDeleted)
  expect(there).toMatchObject([{ id: 'changed', x: 50 }, { id: 'added' }])
})

test.each([
  ['nothing', []],
  ['something else', [{ id: 'other', type: 'ellipse', index: 'a5' }]],
])('an editor that has %s in place of what it was given is shown the board', (_what, elements) => {
  const { editor, sync, write } = loading()
  write('box', 'a1')
  sync.give()
  editor.elements = elements.map((element) => ({
    ...element,
    version: 1,
    versionNonce: 1,
    isDeleted: false,
  }))
  sync.begin()
  expect(editor.elements.filter(({ isDeleted }) => !isDeleted)).toMatchObject([{ id: 'box' }])
})

/** Editors whose documents exchange updates at once, unless one of them is cut off. */
function connected(count: number) {
  const editors = Array.from({ length: count }, () => new SimulatedEditor())
  const cut = new Set<SimulatedEditor>()
  const exchange = () => {
    const online = editors.filter((editor) => !cut.has(editor))
    for (const from of online) {
      for (const to of online) {
        if (from === to) continue
        const missing = Y.encodeStateAsUpdate(from.doc, Y.encodeStateVector(to.doc))
        Y.applyUpdate(to.doc, missing, 'remote')
      }
    }
  }
  for (const editor of editors) {
    editor.doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin !== 'remote' && !cut.has(editor)) exchange()
    })
  }
  const reconnect = (editor: SimulatedEditor) => {
    cut.delete(editor)
    exchange()
  }
  return { editors, cut, reconnect }
}

const pair = () => {
  const { editors, ...rest } = connected(2)
  const [a, b] = editors as [SimulatedEditor, SimulatedEditor]
  return { a, b, ...rest }
}

const box = { id: 'box', type: 'rectangle', strokeColor: '#1e1e1e' }

test('what one draws the other sees, and it is written once, when the pointer is up', () => {
  const { a, b } = pair()
  let edits = 0
  a.doc.on('update', () => edits++)
  a.press()
  a.add(box)
  for (let x = 0; x < 100; x++) a.change('box', { x })
  expect([edits, b.visible]).toEqual([0, []])
  a.release()
  expect([edits, b.get('box')?.x]).toEqual([1, 99])
})

test('what takes long is written before its end', () => {
  const { a, b } = pair()
  a.press()
  a.add(box)
  a.sync.commitUnfinished()
  expect(b.visible).toEqual(['box'])
  a.change('box', { x: 5 })
  expect(b.get('box')?.x).toBe(0)
  a.sync.commitUnfinished()
  expect(b.get('box')?.x).toBe(5)
})

test('a long stroke is written again once it is much longer, and whole at its end', () => {
  const { a, b } = pair()
  let bytes = 0
  a.doc.on('update', (update: Uint8Array) => {
    bytes += update.length
  })
  const points = (count: number) =>
    Array.from({ length: count }, (_, i) => [i, Math.sin(i)] as const)
  a.press()
  a.add({ id: 'stroke', type: 'freedraw', points: points(1) })
  for (let count = 1; count <= 400; count++) {
    a.change('stroke', { points: points(count) })
    if (count % 10 === 0) a.sync.commitUnfinished()
  }
  expect(b.get('stroke')?.points).toHaveLength(160)
  a.release()
  expect(b.get('stroke')?.points).toHaveLength(400)
  expect(bytes).toBeLessThan(2 * Y.encodeStateAsUpdate(a.doc).length)
  // Moved as a whole, it is written as anything else is.
  a.press()
  a.change('stroke', { x: 9 })
  a.sync.commitUnfinished()
  expect(b.get('stroke')?.x).toBe(9)
})

test('two change one element at a time, and both changes stay', () => {
  const { a, b } = pair()
  a.add(box)
  a.press()
  a.change('box', { x: 50 })
  b.change('box', { strokeColor: '#e03131' })
  expect(a.get('box')).toMatchObject({ x: 50, strokeColor: '#1e1e1e' })
  a.release()
  for (const editor of [a, b]) {
    expect(editor.get('box')).toMatchObject({ x: 50, strokeColor: '#e03131' })
  }
})

test('two write one text at a time, and both texts stay', () => {
  const { a, b } = pair()
  a.add({ id: 'text', type: 'text', text: 'middle', originalText: 'middle' })
  const editing: Busy = { isPointerDown: false, ids: new Set(['text']) }
  a.press(editing)
  b.press(editing)
  a.change('text', { text: 'start middle', originalText: 'start middle' })
  b.change('text', { text: 'middle end', originalText: 'middle end' })
  a.release()
  expect(b.get('text')?.originalText).toBe('middle end')
  b.release()
  for (const editor of [a, b]) expect(editor.get('text')?.originalText).toBe('start middle end')
})

test('a text that is edited and unchanged is not replaced, and shows the other’s at the end', () => {
  const { a, b } = pair()
  a.add({ id: 'text', type: 'text', text: 'old', originalText: 'old' })
  const before = a.get('text')
  a.press({ isPointerDown: false, ids: new Set(['text']) })
  b.change('text', { text: 'new', originalText: 'new' })
  expect(a.get('text')).toBe(before)
  a.release()
  expect(a.get('text')?.originalText).toBe('new')
})

test('what one deletes goes for the other, who may take it back', () => {
  const { a, b } = pair()
  a.add(box)
  a.change('box', { isDeleted: true })
  expect([b.visible, b.all.length]).toEqual([[], 1])
  a.change('box', { isDeleted: false })
  expect(b.visible).toEqual(['box'])
})

test('an own change is not shown anew, and what did not change stays the same object', () => {
  const { a, b } = pair()
  a.add(box)
  a.add({ ...box, id: 'other' })
  const [shown, other] = [a.shown, b.get('other')]
  a.change('box', { x: 5 })
  expect(a.shown).toBe(shown)
  expect(b.get('other')).toBe(other)
})

test('a broken element and one of an unknown type are left alone on both sides', () => {
  const { a, b } = pair()
  a.doc.getMap('elements').set('broken', 'no map')
  a.doc.getMap('elements').set('foreign', new Y.Map([['type', 'teapot']]))
  a.add({ id: 'mine', type: 'teapot' })
  a.add(box)
  expect(a.visible).toEqual(['mine', 'box'])
  expect(b.visible).toEqual(['box'])
  b.change('box', { x: 5 })
  expect(a.get('box')?.x).toBe(5)
  expect([...b.doc.getMap('elements').keys()].sort()).toEqual(['box', 'broken', 'foreign'])
})

test('a page within an element is not shown, and stays in the document', () => {
  const { a, b } = pair()
  const customData = { generationData: { status: 'done', html: '<h1>Sign in</h1>' } }
  writeElements(a.doc, [{ ...box, id: 'page', type: 'iframe', x: 0, y: 0, customData }])
  expect(b.get('page')).not.toHaveProperty('customData')
  b.change('page', { x: 9 })
  expect(readScene(a.doc).elements).toMatchObject([{ id: 'page', x: 9, customData }])
})

test('without the right to edit nothing is written, and the document can be shown again', () => {
  const { a, b } = pair()
  a.add(box)
  b.canEdit = false
  b.change('box', { x: 5 })
  b.add({ ...box, id: 'mine' })
  expect(a.get('box')?.x).toBe(0)
  b.sync.showAll()
  expect([b.get('box')?.x, b.visible]).toEqual([0, ['box']])
})

const step = fc.record({
  who: fc.nat(2),
  what: fc.constantFrom(
    'add',
    'move',
    'colour',
    'write',
    'delete',
    'restore',
    'raise',
    'press',
    'edit',
    'release',
    'cut',
    'reconnect',
    'program',
    'commit',
    // Most of what happens.
    ...(['add', 'add', 'move', 'move', 'press', 'press'] as const),
  ),
  which: fc.nat(3),
  value: fc.nat(50),
})

test('three editors with connections that are cut agree in the end, and show what the document has', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { editors, cut, reconnect } = connected(3)
      const drawn = new Set<string>()
      for (const { who, what, which, value } of steps) {
        const editor = editors[who] as SimulatedEditor
        const id = `${which % 2 ? 'text' : 'box'}-${which}`
        const text = `${'a'.repeat(value % 5)}${editor.get(id)?.originalText ?? ''}`
        if (what === 'add' && !editor.get(id)) {
          editor.add(
            which % 2 ? { id, type: 'text', text, originalText: text } : { id, type: 'rectangle' },
          )
          drawn.add(id)
        }
        if (what === 'delete' || what === 'program') drawn.delete(id)
        if (what === 'move') editor.change(id, { x: value })
        if (what === 'colour') editor.change(id, { strokeColor: `#0000${10 + value}` })
        if (what === 'write' && which % 2) editor.change(id, { text, originalText: text })
        if (what === 'delete') editor.change(id, { isDeleted: true })
        if (what === 'restore') editor.change(id, { isDeleted: false })
        if (what === 'raise') editor.change(id, { index: `b${String(value).padStart(2, '0')}V` })
        if (what === 'press') editor.press()
        if (what === 'edit') editor.press({ isPointerDown: false, ids: new Set([id]) })
        if (what === 'release') editor.release()
        if (what === 'commit') editor.sync.commitUnfinished()
        if (what === 'cut') cut.add(editor)
        if (what === 'reconnect') reconnect(editor)
        if (what === 'program' && value % 3 > 0)
          writeElements(editor.doc, [{ id, type: 'ellipse', x: value, y: 1 }])
        if (what === 'program' && value % 3 === 0) removeElements(editor.doc, [id])
        if (value % 2) for (const one of editors) one.see(editors.filter((other) => other !== one))
      }
      for (const editor of editors) reconnect(editor)
      for (const editor of editors) editor.release()
      // Those that were busy have written by now, and the others have seen it.
      for (const editor of editors) editor.release()
      for (const editor of editors) editor.see([])

      const { elements } = readScene((editors[0] as SimulatedEditor).doc)
      expect(elements.map(({ id }) => id)).toEqual(expect.arrayContaining([...drawn]))
      for (const editor of editors) {
        expect(readScene(editor.doc).elements).toEqual(elements)
        const visible = editor.all.filter(({ isDeleted }) => !isDeleted)
        expect(visible.map(({ id }) => id)).toEqual(elements.map(({ id }) => id))
        for (const [i, element] of elements.entries()) {
          const { version: _, versionNonce: __, updated: ___, ...expected } = element
          const shown = visible[i] ?? {}
          // Excalidraw knows what an element without a property is.
          const common = Object.entries(expected).filter(([name]) => name in shown)
          expect(shown).toMatchObject(Object.fromEntries(common))
        }
      }
    }),
    { numRuns: 300 },
  )
})

const drafts = (...values: object[]) =>
  new Map(values.map((value) => checkElement(value)!).map((element) => [element.id, element]))

test('what is not written is given by what is new of it, until it is written', () => {
  const [a] = connected(1).editors as [SimulatedEditor]
  a.add(box)
  expect(a.unwritten).toEqual([])
  a.press()
  a.change('box', { x: 5, boundElements: [] })
  expect(a.unwritten).toEqual([{ id: 'box', x: 5 }])
  a.add({ id: 'stroke', type: 'freedraw', points: [[0, 0]], width: 0 })
  expect(a.unwritten).toEqual([
    { id: 'box', x: 5 },
    { id: 'stroke', type: 'freedraw', points: [[0, 0]], x: 0, y: 0, index: expect.any(String) },
  ])
  a.change('stroke', { isDeleted: true })
  expect(a.unwritten.map(({ id }) => id)).toEqual(['box'])
  a.release()
  expect(a.unwritten).toEqual([])
})

test('what somebody else draws is shown until it ends, and is theirs to write', () => {
  const [a] = connected(1).editors as [SimulatedEditor]
  a.sync.showDrafts(drafts({ ...box, x: 7, y: 0 }))
  expect(a.get('box')?.x).toBe(7)
  a.change('box', { strokeColor: '#e03131' })
  a.sync.commit()
  expect(readScene(a.doc).elements).toEqual([])
  a.sync.showDrafts(drafts({ ...box, x: 8, y: 0 }))
  expect(a.get('box')).toMatchObject({ x: 8, strokeColor: '#1e1e1e' })
  a.sync.showDrafts(new Map())
  expect(a.visible).toEqual([])
})

test('what two people show each other is written by the one who draws it', () => {
  const { a, b } = pair()
  a.press()
  a.add(box)
  b.see([a])
  b.press()
  b.change('box', { x: 5 })
  expect(b.unwritten).toEqual([])
  // Another client may send it all the same.
  a.sync.showDrafts(drafts({ ...box, x: 9, y: 0 }))
  a.change('box', { x: 1 })
  a.release()
  expect(readScene(b.doc).elements).toMatchObject([{ id: 'box', x: 1 }])
  a.see([b])
  b.release()
  b.see([a])
  for (const editor of [a, b]) expect([editor.visible, editor.get('box')?.x]).toEqual([['box'], 5])
})

test('what somebody moves is not shown to whoever has deleted it', () => {
  const { a, b } = pair()
  a.add({ id: 'text', type: 'text', text: 'old', originalText: 'old' })
  b.press()
  b.change('text', { x: 5, y: 5 })
  a.change('text', { isDeleted: true })
  a.see([b])
  expect(a.visible).toEqual([])
})

test('what somebody else moves is shown where it is, and the document again after that', () => {
  const { a, b } = pair()
  a.add(box)
  b.sync.showDrafts(drafts({ ...b.sync.view.get('box'), x: 50 }))
  expect(b.get('box')?.x).toBe(50)
  b.change('box', { strokeColor: '#e03131' })
  expect(a.get('box')).toMatchObject({ x: 0, strokeColor: '#e03131' })
  b.sync.showDrafts(new Map())
  expect(b.get('box')).toMatchObject({ x: 0, strokeColor: '#e03131' })
})

test('what the user is busy with is not replaced by a draft', () => {
  const { a, b } = pair()
  a.add(box)
  b.press()
  b.change('box', { x: 1 })
  b.sync.showDrafts(drafts({ ...b.sync.view.get('box'), x: 50 }))
  expect(b.get('box')?.x).toBe(1)
  b.sync.showDrafts(new Map())
  b.release()
  expect([a.get('box')?.x, b.get('box')?.x]).toEqual([1, 1])
})
