import * as Y from 'yjs'
import type { SceneElement } from '../elements/element.ts'
import { isStored, propertiesOf, readText } from '../elements/properties.ts'
import { isPlain, readId, readPlainObject } from '../elements/values.ts'
import { elementOfShape } from './old-shapes.ts'
import type { SceneRoots } from './roots.ts'

const DERIVED = {
  boundElements: null,
  isDeleted: false,
  version: 1,
  versionNonce: 0,
  updated: 1,
} as const

/**
 * Reads an element by itself, as it is stored: what it is bound to may not be there.
 *
 * @returns undefined for one that is broken or of a type that is not known
 */
export function readElement(roots: SceneRoots, id: string): SceneElement | undefined {
  const { elements, texts } = roots
  const map = elements.get(id)
  if (map === undefined) {
    const shape = elementOfShape(roots, id)
    return shape && readProperties(id, new Map(Object.entries(shape)), shape.originalText)
  }
  if (!(map instanceof Y.Map)) return undefined
  const text = texts.get(id)
  return readProperties(id, map, text instanceof Y.Text ? text.toString() : undefined)
}

/**
 * Checks an element that did not come from a document, such as one that another person is drawing: what is invalid is as in
 * a document where it is invalid.
 *
 * @returns undefined for one that is broken or of a type that is not known
 *
 * @example
 * ```ts
 * const element = checkElement({ id: 'box', type: 'rectangle', x: 0, y: 0, width: 200, strokeColor: 7 })
 * show(element?.strokeColor) // #1e1e1e
 * ```
 */
export function checkElement(value: unknown): SceneElement | undefined {
  const properties = readPlainObject(value)
  const id = readId(properties?.id)
  if (!properties || id === undefined) return undefined
  return readProperties(id, new Map(Object.entries(properties)), properties.originalText)
}

/** The properties of an element, by name. */
type Properties = Iterable<[string, unknown]> & { get(name: string): unknown }

function readProperties(id: string, map: Properties, text: unknown): SceneElement | undefined {
  if (readId(id) === undefined) return undefined
  const type: unknown = map.get('type')
  const properties = propertiesOf(type)
  if (!properties) return undefined
  const element: Record<string, unknown> = { id, type, ...DERIVED }
  for (const [name, property] of properties) {
    const value = property.read(map.get(name))
    if (value !== undefined) element[name] = value
    else if (!('fallback' in property)) return undefined
    else if (property.fallback !== undefined) element[name] = property.fallback
  }
  for (const [name, value] of map) {
    // Of a later version, or of another program.
    if (!(name in element) && isStored(name) && isPlain(value)) element[name] = value
  }
  if (type === 'text') {
    const originalText = readOriginalText(map, text)
    if (originalText === undefined) return undefined
    element.originalText = originalText
    const layout = readText(map.get('text'))
    const isCurrent = layout !== undefined && isLayoutOf(layout, originalText)
    element.text = isCurrent ? layout : originalText
  }
  if (type === 'image') element.status = element.fileId === null ? 'pending' : 'saved'
  if (type === 'line' || type === 'arrow' || type === 'freedraw') element.lastCommittedPoint = null
  return element as unknown as SceneElement
}

/** A program that knows Excalidraw's names alone has written the text as a property. */
function readOriginalText(map: Properties, text: unknown): string | undefined {
  return readText(text ?? map.get('originalText') ?? map.get('text') ?? '')
}

/** Whether a text is another with line breaks: after two people wrote at a time, the one that is stored is not. */
export function isLayoutOf(layout: string, text: string): boolean {
  return layout === text || withoutSpaces(layout) === withoutSpaces(text)
}

const withoutSpaces = (text: string) => text.replace(/\s+/g, '')
