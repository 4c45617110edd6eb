import * as Y from 'yjs'
import type { ElementInput } from '../elements/element.ts'
import { keysAbove, readOrderKey } from '../elements/order.ts'
import { isStored, POINT_GEOMETRY, propertiesOf, readText } from '../elements/properties.ts'
import { isPlain, isSame, readId } from '../elements/values.ts'
import { elementOfShape, fileOfShape, idsOfShape, shapeBehind } from './old-shapes.ts'
import { isLayoutOf, readElement } from './read-element.ts'
import { SCENE_SCHEMA, type SceneRoots, sceneRoots } from './roots.ts'
import { rebase, textChange } from './text-change.ts'

/** How elements are written. */
export interface WriteOptions {
  /** Of the transaction. */
  origin?: unknown
  /**
   * The elements as the caller last read or wrote them, by id. What is the same as there is not written, so that
   * what others changed since stays. Without it, elements become what is given.
   */
  base?: { get(id: string): ElementInput | undefined } | undefined
}

type Values = Readonly<Record<string, unknown>>

/**
 * Writes elements into a document, in one transaction: each property that is other than before, and of a text what
 * was typed. New ones are added, those with `isDeleted` removed, all others stay as they are. A property that is
 * not valid is left as it was.
 *
 * @returns the ids of elements that were refused: of a type that is not known, or without what their type needs
 *
 * @example
 * ```ts
 * const refused = writeElements(doc, [
 *   { id: 'box', type: 'rectangle', x: 0, y: 0, width: 200, height: 80 },
 *   { id: 'label', type: 'text', x: 40, y: 25, originalText: 'Hello', containerId: 'box' },
 * ])
 * show(refused, readScene(doc).elements.length)
 * ```
 */
export function writeElements(
  doc: Y.Doc,
  elements: Iterable<ElementInput>,
  { origin, base }: WriteOptions = {},
): string[] {
  const roots = sceneRoots(doc)
  const refused: string[] = []
  doc.transact(() => {
    if (roots.meta.get('schema') === undefined) roots.meta.set('schema', SCENE_SCHEMA)
    const added: ElementInput[] = []
    for (const element of elements) {
      takeOver(roots, element.id)
      if (element.isDeleted) removeElement(roots, element.id)
      else if (roots.elements.has(element.id)) changeElement(roots, element, base?.get(element.id))
      else added.push(element)
    }
    refused.push(...addElements(roots, added))
  }, origin)
  return refused
}

/** Removes elements from a document, in one transaction. */
export function removeElements(
  doc: Y.Doc,
  ids: Iterable<string>,
  { origin }: Pick<WriteOptions, 'origin'> = {},
): void {
  const roots = sceneRoots(doc)
  doc.transact(() => {
    for (const id of ids) {
      takeOver(roots, id)
      removeElement(roots, id)
    }
  }, origin)
}

/** A shape of a board from before Excalidraw becomes what it is shown as, before one changes that. */
function takeOver(roots: SceneRoots, id: string): void {
  const shapeId = shapeBehind(roots, id)
  if (shapeId === undefined) return
  const shown = idsOfShape(shapeId).flatMap((id) => elementOfShape(roots, id) ?? [])
  if (shown.length === 0 && !roots.elements.has(shapeId)) return
  addElements(
    roots,
    shown.filter(({ id }) => !roots.elements.has(id)),
  )
  for (const { fileId } of shown) {
    const file = fileOfShape(fileId)
    if (file && !roots.files.has(file.digest)) roots.files.set(file.digest, file)
  }
  roots.shapes.delete(shapeId)
}

function removeElement({ elements, texts }: SceneRoots, id: string): void {
  // Yjs stores the removal of what is not there.
  if (elements.has(id)) elements.delete(id)
  if (texts.has(id)) texts.delete(id)
}

function addElements(roots: SceneRoots, added: readonly ElementInput[]): string[] {
  const refused: string[] = []
  const unplaced: Y.Map<unknown>[] = []
  for (const element of added) {
    const map = isWhole(element) ? new Y.Map(newEntries(element)) : undefined
    if (!map) {
      refused.push(String(element.id))
      continue
    }
    roots.elements.set(element.id, map)
    if (element.type === 'text') roots.texts.set(element.id, new Y.Text(textOf(element)))
    if (!map.has('index')) unplaced.push(map)
  }
  if (unplaced.length > 0) {
    const keys = keysAbove(topOf(roots), unplaced.length)
    unplaced.forEach((map, i) => {
      map.set('index', keys[i])
    })
  }
  return refused
}

/** Whether there is enough of an element to show it. */
function isWhole(element: ElementInput): boolean {
  const properties = propertiesOf(element.type)
  if (readId(element.id) === undefined || !properties) return false
  const values = valuesOf(element)
  return [...properties].every(
    ([name, property]) => 'fallback' in property || property.read(values[name]) !== undefined,
  )
}

/** What a new element stores: all that is not as without it. */
function newEntries(element: ElementInput): [string, unknown][] {
  const properties = propertiesOf(element.type)
  const entries: [string, unknown][] = [['type', element.type]]
  for (const [name, value] of Object.entries(element)) {
    if (!isPlainProperty(name)) continue
    const valid = validValue(element.type, name, value)
    if (valid === undefined || isSame(valid, properties?.get(name)?.fallback)) continue
    entries.push([name, copyOf(valid)])
  }
  if (element.type === 'text') {
    const layout = layoutToStore(valuesOf(element).text, textOf(element) ?? '')
    if (layout !== undefined) entries.push(['text', layout])
  }
  return entries
}

function changeElement(
  roots: SceneRoots,
  element: ElementInput,
  base: ElementInput | undefined,
): void {
  const map = roots.elements.get(element.id)
  if (!(map instanceof Y.Map)) return
  const values = valuesOf(element)
  const type = propertiesOf(values.type) ? values.type : map.get('type')
  const isOtherType = type !== map.get('type')
  const shown = readElement(roots, element.id)
  // What is the same may mean something else to another type.
  const before = isOtherType ? {} : valuesOf(base ?? shown)
  if (isOtherType) map.set('type', type)
  const changed = Object.keys(values).filter(
    (name) => isPlainProperty(name) && !isSame(values[name], before[name]),
  )
  const isBent = changed.includes('points')
  for (const name of isBent ? new Set([...changed, ...POINT_GEOMETRY]) : changed) {
    setProperty(map, name, values, isBent)
  }
  if (element.type === 'text') changeText(roots, map, { element, base })
}

/** Whether a property is stored as it is given. */
function isPlainProperty(name: string): boolean {
  return name !== 'type' && name !== 'text' && isStored(name)
}

function setProperty(map: Y.Map<unknown>, name: string, values: Values, isBent: boolean): void {
  const value = values[name]
  if (value === undefined) {
    if (name in values && map.has(name)) map.delete(name)
    return
  }
  const valid = validValue(map.get('type'), name, value)
  // An element that Excalidraw has not placed yet keeps its place.
  if (valid === undefined || (name === 'index' && valid === null)) return
  const isGeometry = isBent && POINT_GEOMETRY.includes(name)
  if (isGeometry || !isSame(valid, map.get(name))) map.set(name, copyOf(valid))
}

function changeText(
  { texts }: SceneRoots,
  map: Y.Map<unknown>,
  { element, base }: { element: ElementInput; base: ElementInput | undefined },
): void {
  const after = textOf(element)
  if (after === undefined) return
  const stored = texts.get(element.id)
  const held = stored instanceof Y.Text ? stored : new Y.Text(textOf(valuesOf(map.toJSON())))
  if (held !== stored) texts.set(element.id, held)
  const current = held.toString()
  const before = (base && textOf(base)) ?? current
  const change = textChange(before, after)
  if (change) {
    const { at, removed, inserted } = rebase(change, textChange(before, current))
    if (removed > 0) held.delete(at, removed)
    if (inserted) held.insert(at, inserted)
  }
  const { text } = valuesOf(element)
  if (text === undefined || (!change && base && valuesOf(base).text === text)) return
  const layout = layoutToStore(text, held.toString())
  if (layout === undefined) map.delete('text')
  else if (layout !== map.get('text')) map.set('text', layout)
}

/** The lines of a text, where they are others than were written. */
function layoutToStore(layout: unknown, text: string): string | undefined {
  const lines = readText(layout)
  return lines !== undefined && lines !== text && isLayoutOf(lines, text) ? lines : undefined
}

/** The text of an element as it was written. */
function textOf(element: object): string | undefined {
  const { originalText, text } = valuesOf(element)
  return readText(originalText) ?? readText(text)
}

/** What a property may be set to; undefined where it is not valid. */
function validValue(type: unknown, name: string, value: unknown): unknown {
  const property = propertiesOf(type)?.get(name)
  if (property) return property.read(value)
  return isPlain(value) ? value : undefined
}

/** The highest place of the stack. */
function topOf({ elements, shapes }: SceneRoots): string | null {
  let top: string | null = null
  for (const map of [...elements.values(), ...shapes.values()]) {
    const key: unknown = map instanceof Y.Map && (map.get('index') ?? map.get('order'))
    const index = readOrderKey(key)
    if (index !== undefined && (top === null || index > top)) top = index
  }
  return top
}

const valuesOf = (element: object | undefined): Values => (element ?? {}) as Values

/** Yjs keeps what it is given, and the caller may go on with it. */
const copyOf = (value: unknown): unknown =>
  typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value
