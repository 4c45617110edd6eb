import type { SceneElement } from '../elements/element.ts'
import { elementBounds } from './bounds.ts'

/**
 * What is written on a scene, in the order in which it is read: by frames, from top to bottom and from left to
 * right. Names of frames come before what is in them.
 */
export function sceneText(elements: readonly SceneElement[]): string {
  const byId = new Map(elements.map((element) => [element.id, element]))
  const written = elements.flatMap((element) => {
    const text = textOf(element)
    return text === '' ? [] : { text, place: placeOf(element, byId) }
  })
  return written
    .sort((a, b) => comparePlaces(a.place, b.place))
    .map(({ text }) => text)
    .join('\n')
}

/** Where something is read: its frame's place, whether it is in there, and its own. */
type Place = readonly number[]

function placeOf(element: SceneElement, byId: ReadonlyMap<string, SceneElement>): Place {
  const frame = element.frameId === null ? undefined : byId.get(element.frameId)
  if (element.type === 'frame' || element.type === 'magicframe') return [...startOf(element), 0]
  const container =
    element.type === 'text' && element.containerId !== null
      ? byId.get(element.containerId)
      : undefined
  const own = startOf(container ?? element)
  return frame ? [...startOf(frame), 1, ...own] : [...own, 1]
}

function startOf(element: SceneElement): [y: number, x: number] {
  const { x, y } = elementBounds(element)
  return [y, x]
}

function comparePlaces(a: Place, b: Place): number {
  const at = a.findIndex((part, i) => part !== b[i])
  return at < 0 ? 0 : (a[at] as number) - (b[at] ?? -Infinity)
}

function textOf(element: SceneElement): string {
  if (element.type === 'text') return element.originalText.trim()
  if (element.type === 'frame' || element.type === 'magicframe') return element.name?.trim() ?? ''
  return ''
}
