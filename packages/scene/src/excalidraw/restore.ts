import type { ElementInput } from '../elements/element.ts'
import { lookUp } from '../elements/look-up.ts'
import { keysInOrder } from '../elements/order.ts'
import { propertiesOf } from '../elements/properties.ts'
import {
  isObject,
  type JsonObject,
  type Point,
  readId,
  readNumber,
  readPoints,
} from '../elements/values.ts'
import { boundsOf } from '../measure/bounds.ts'

/** Fonts that elements named once, by the numbers that they have now. */
const FONTS: Readonly<Record<string, number>> = {
  Virgil: 1,
  Helvetica: 2,
  Cascadia: 3,
  Excalifont: 5,
  Nunito: 6,
  'Lilita One': 7,
  'Comic Shanns': 8,
  'Liberation Sans': 9,
}

/** Height of lines by font, where nothing tells it. */
const LINE_HEIGHTS: Readonly<Record<number, number>> = {
  2: 1.15,
  3: 1.2,
  6: 1.35,
  7: 1.15,
  9: 1.15,
}

/** What Excalidraw does not write any more, and what stands for it now is derived of. */
const LEGACY = new Set(['strokeSharpness', 'boundElementIds', 'rawText', 'font'])

/**
 * Elements of a file of any version of Excalidraw, in their order: as its own `restoreElements` reads them. Deleted
 * ones and selections are no elements.
 */
export function restoreElements(raw: readonly unknown[]): {
  elements: ElementInput[]
  skipped: number
} {
  const present = raw.filter(isPresent)
  const containers = containersOf(present)
  const ids = new Set<string>()
  let skipped = raw.filter((element) => !isObject(element)).length
  const elements = present.flatMap((element, place): ElementInput[] => {
    const restored = restoreElement(element, containers)
    if (!restored) {
      skipped++
      return []
    }
    const id = ids.has(restored.id) ? `${restored.id}~${place}` : restored.id
    ids.add(id)
    return [{ ...restored, id }]
  })
  const keys = keysInOrder(elements.map(({ index }) => index))
  return { elements: elements.map((element, i) => ({ ...element, index: keys[i] })), skipped }
}

const isPresent = (element: unknown): element is JsonObject =>
  isObject(element) && element.isDeleted !== true && element.type !== 'selection'

function restoreElement(
  raw: JsonObject,
  containers: ReadonlyMap<string, string>,
): ElementInput | undefined {
  const type = raw.type === 'draw' ? 'line' : raw.type
  const id = readId(raw.id)
  const properties = propertiesOf(type)
  if (id === undefined || !properties) return undefined
  const element: Record<string, unknown> = { ...withoutLegacy(raw), id, type }
  Object.assign(element, sizeOf(raw))
  if (type === 'line' || type === 'arrow') Object.assign(element, lineOf(raw, element))
  if (type === 'arrow' && raw.elbowed === true) Object.assign(element, elbowBindingsOf(raw))
  if (type === 'text') Object.assign(element, textOf(raw, containers.get(id)))
  if (raw.roundness === undefined && raw.strokeSharpness === 'round') {
    // The older way of rounding, which only rectangles and the like have.
    element.roundness = { type: ADAPTIVE.has(String(type)) ? 1 : 2 }
  }
  const isWhole = [...properties].every(
    ([name, property]) => 'fallback' in property || property.read(element[name]) !== undefined,
  )
  return isWhole ? (element as unknown as ElementInput) : undefined
}

/** Types of which corners had another radius. */
const ADAPTIVE = new Set(['rectangle', 'embeddable', 'iframe', 'image'])

function withoutLegacy(raw: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !LEGACY.has(name)))
}

/** Elements were once drawn to the left and upwards with negative sizes. */
function sizeOf(raw: JsonObject): JsonObject {
  const [x, y, width, height] = [raw.x, raw.y, raw.width, raw.height].map(
    (value) => readNumber(value) ?? 0,
  )
  return {
    x: Math.min(x ?? 0, (x ?? 0) + (width ?? 0)),
    y: Math.min(y ?? 0, (y ?? 0) + (height ?? 0)),
    width: Math.abs(width ?? 0),
    height: Math.abs(height ?? 0),
  }
}

/** A line had a size instead of points once, and points that did not begin at its place. */
function lineOf(raw: JsonObject, { width, height }: JsonObject): JsonObject {
  const [x, y] = [readNumber(raw.x) ?? 0, readNumber(raw.y) ?? 0]
  const given = readPoints(raw.points)
  if (given === undefined || given.length < 2) {
    const end: Point = [readNumber(raw.width) ?? 0, readNumber(raw.height) ?? 0]
    return { x, y, points: [[0, 0], end], width, height }
  }
  const [left, top] = given[0] as Point
  const isFromPlace = left === 0 && top === 0
  const points = isFromPlace ? given : given.map(([px, py]): Point => [px - left, py - top])
  return { x: x + left, y: y + top, points, ...extentOf(points) }
}

/** An elbow arrow is bound to a point of an element, or not at all. */
function elbowBindingsOf({ startBinding, endBinding }: JsonObject): JsonObject {
  const fixed = (binding: unknown) => (isObject(binding) && binding.fixedPoint ? binding : null)
  return { startBinding: fixed(startBinding), endBinding: fixed(endBinding) }
}

function extentOf(points: readonly Point[]): JsonObject {
  const { width, height } = boundsOf(points)
  return { width, height }
}

function textOf(raw: JsonObject, containerId: string | undefined): JsonObject {
  const [size, family] = typeof raw.font === 'string' ? raw.font.split(' ') : []
  const fontSize = size === undefined ? readNumber(raw.fontSize) : Number.parseFloat(size)
  const fontFamily =
    family === undefined ? readNumber(raw.fontFamily) : (lookUp(FONTS, family) ?? 5)
  const text = typeof raw.text === 'string' ? raw.text : ''
  const originalText = typeof raw.originalText === 'string' ? raw.originalText || text : text
  return {
    ...(fontSize !== undefined && { fontSize }),
    ...(fontFamily !== undefined && { fontFamily }),
    text,
    originalText,
    containerId: readId(raw.containerId) ?? containerId ?? null,
    lineHeight: readNumber(raw.lineHeight) ?? lineHeightOf(raw, { text, fontSize, fontFamily }),
  }
}

/** Files did not say it once, and their texts are as high as their lines together. */
function lineHeightOf(
  raw: JsonObject,
  {
    text,
    fontSize = 20,
    fontFamily = 5,
  }: { text: string; fontSize?: number | undefined; fontFamily?: number | undefined },
): number {
  const height = readNumber(raw.height)
  if (height && fontSize > 0) return height / text.split('\n').length / fontSize
  return LINE_HEIGHTS[fontFamily] ?? 1.25
}

/** Containers named their texts before texts named their containers. */
function containersOf(elements: readonly JsonObject[]): Map<string, string> {
  const containers = new Map<string, string>()
  for (const { id, boundElements } of elements) {
    const container = readId(id)
    if (container === undefined || !Array.isArray(boundElements)) continue
    for (const bound of boundElements) {
      const text = isObject(bound) && bound.type === 'text' ? readId(bound.id) : undefined
      if (text !== undefined) containers.set(text, container)
    }
  }
  return containers
}
