import type { ElementInput } from '../elements/element.ts'
import { lookUp } from '../elements/look-up.ts'
import { keysAbove } from '../elements/order.ts'
import { type JsonObject, type Point, readNumber } from '../elements/values.ts'
import { parseDataUrl } from '../excalidraw/data-url.ts'
import type { ImportedFile, ImportedScene } from '../imported-scene.ts'
import { convertArrow } from './arrow.ts'
import { type Place, placeOf } from './place.ts'
import { CONVERTERS, sizeOf } from './shapes.ts'
import { openStore, type Shape, type Store } from './store.ts'

/** Between pages, which lie side by side on the scene. */
const PAGE_GAP = 500

/**
 * Reads a `.tldr` file, or a snapshot of tldraw's store, parsed as JSON. Excalidraw has fewer kinds of shapes: those
 * that it lacks become closed lines, pages lie side by side, and what is not in the file becomes a link to it.
 *
 * @throws SceneFormatError where it is something else
 *
 * @example
 * ```ts
 * const { elements } = readTldraw({ tldrawFileFormatVersion: 1, schema: {}, records: [] })
 * show(elements.length)
 * ```
 */
export function readTldraw(value: unknown): ImportedScene {
  const store = openStore(value)
  const elements: ElementInput[] = []
  const files = new Map<string, ImportedFile>()
  let skipped = 0
  for (const { page, shapes } of pagesOf(store)) {
    for (const shape of shapes) {
      const converted = convert(shape, store, page)
      if (converted.length === 0 && shape.type !== 'group') skipped++
      elements.push(...converted)
      for (const { fileId } of converted) {
        const file = typeof fileId === 'string' ? parseDataUrl(store.assetOf(shape).src) : undefined
        if (file) files.set(String(fileId), file)
      }
    }
  }
  const keys = keysAbove(null, elements.length)
  return {
    elements: elements.map((element, i) => ({ ...element, index: keys[i] })),
    files,
    skipped,
  }
}

function convert(shape: Shape, store: Store, page: Point): ElementInput[] {
  const findPlace = (other: Shape): Place => placeOf(other, store, page)
  const context = { store, place: findPlace(shape), common: commonOf(shape, store) }
  if (shape.type === 'arrow') return convertArrow(shape, context, findPlace)
  return lookUp(CONVERTERS, shape.type)?.(shape, context) ?? []
}

/** What all elements of a shape have of it and of what it is in. */
function commonOf(shape: Shape, store: Store): JsonObject {
  const ancestors = store.ancestorsOf(shape)
  return {
    opacity: Math.round((readNumber(shape.opacity) ?? 1) * 100),
    locked: shape.isLocked === true,
    groupIds: ancestors.filter(({ type }) => type === 'group').map(({ id }) => id),
    frameId: ancestors.find(({ type }) => type === 'frame')?.id ?? null,
  }
}

/** The shapes of each page in their order, and where on the scene the page begins. */
function* pagesOf(store: Store): Generator<{ page: Point; shapes: Shape[] }> {
  let right = 0
  for (const { id } of store.pages) {
    const shapes = descendantsOf(id, store)
    if (shapes.length === 0) continue
    const places = shapes.map((shape) => ({
      at: placeOf(shape, store, [0, 0]).at,
      ...sizeOf(shape),
    }))
    const left = places.reduce((least, { at }) => Math.min(least, at[0]), Infinity)
    const most = places.reduce((most, { at, width }) => Math.max(most, at[0] + width), -Infinity)
    const offset = right === 0 ? 0 : right + PAGE_GAP - left
    yield { page: [offset, 0], shapes }
    right = most + offset
  }
}

/** Frames come after what is in them, as in Excalidraw. Nothing recurses, and nothing comes twice. */
function descendantsOf(pageId: string, store: Store): Shape[] {
  const opened = new Set<Shape>()
  const ordered = new Set<Shape>()
  const open = [...store.childrenOf(pageId)].reverse()
  for (let shape = open.at(-1); shape; shape = open.at(-1)) {
    if (opened.has(shape)) {
      open.pop()
      ordered.add(shape)
      continue
    }
    opened.add(shape)
    const children = store.childrenOf(shape.id).filter((child) => !opened.has(child))
    open.push(...children.toReversed())
  }
  return [...ordered]
}
