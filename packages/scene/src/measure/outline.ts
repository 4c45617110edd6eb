import type { SceneElement } from '../elements/element.ts'
import { type Bounds, elementBounds } from './bounds.ts'
import { isFrame } from './frames.ts'
import { inReadingOrder } from './reading-order.ts'

/** An element of a scene as it is read. */
export interface OutlineEntry {
  readonly element: SceneElement
  /** What is written on it, or the name of a frame; empty where there is nothing. */
  readonly text: string
  /** The frame that it is in, whose entry is before. */
  readonly frameId: string | null
}

/** Of elements that were read before: a `SceneView` keeps those that do not change. */
const boundsOfRead = new WeakMap<SceneElement, Bounds>()

/**
 * The elements of a scene in the order in which they are read: row by row, from left to right, frames with what is in
 * them. The text of a shape or an arrow is in the entry of that.
 */
export function sceneOutline(elements: readonly SceneElement[]): OutlineEntry[] {
  const byId = new Map(elements.map((element) => [element.id, element]))
  const labels = new Map<string, string>()
  const byFrame = new Map<string | null, OutlineEntry[]>([[null, []]])
  for (const element of elements) {
    if (isFrame(element)) byFrame.set(element.id, [])
    const container = containerOf(element, byId)
    if (container) labels.set(container.id, textOf(element))
  }
  for (const element of elements) {
    if (containerOf(element, byId)) continue
    const frameId = !isFrame(element) && byFrame.has(element.frameId) ? element.frameId : null
    const text = labels.get(element.id) ?? textOf(element)
    byFrame.get(frameId)?.push({ element, text, frameId })
  }
  const read = (frameId: string | null): OutlineEntry[] =>
    inReadingOrder(byFrame.get(frameId) ?? [], ({ element }) => boundsOf(element)).flatMap(
      (entry) => (isFrame(entry.element) ? [entry, ...read(entry.element.id)] : [entry]),
    )
  return read(null)
}

/** What is written on a scene, in the order in which it is read, names of frames too. */
export function sceneText(elements: readonly SceneElement[]): string {
  return sceneOutline(elements)
    .flatMap(({ text }) => (text === '' ? [] : [text]))
    .join('\n')
}

function boundsOf(element: SceneElement): Bounds {
  const bounds = boundsOfRead.get(element) ?? elementBounds(element)
  boundsOfRead.set(element, bounds)
  return bounds
}

/** What a text is the label of. */
function containerOf(
  element: SceneElement,
  byId: ReadonlyMap<string, SceneElement>,
): SceneElement | undefined {
  return element.type === 'text' && element.containerId !== null
    ? byId.get(element.containerId)
    : undefined
}

function textOf(element: SceneElement): string {
  if (element.type === 'text') return element.originalText.trim()
  return isFrame(element) ? (element.name?.trim() ?? '') : ''
}
