import { boundsOf, type SceneElement } from '@mindfuse/scene'

/** Most lines that fill an element, or dashes around it: Excalidraw works out each of them before it draws anything. */
const MAX_LINES = 20_000

/** Longest name of a frame: Excalidraw shortens one for a picture by a character at a time. */
const MAX_NAME_LENGTH = 200

/** How far the lines that fill an element are from each other, as a multiple of their width. */
const HATCH_GAP = 4

/** The shortest dash with its gap, units of the scene. */
const DASH_LENGTH = 7

/**
 * An element as Excalidraw may show it: anyone who may edit could have written it. It holds no page and no
 * endless name, and is solid where its size would take more dashes or hatching than there may be. The document keeps it as it is.
 *
 * @example
 * ```ts
 * excalidraw.updateScene({ elements: readScene(doc).elements.map(drawable) })
 * ```
 */
export function drawable(element: SceneElement): SceneElement {
  return withFewLines(withShortName(withoutPage(element)))
}

/** Excalidraw would show the page that a generated frame holds. */
function withoutPage(element: SceneElement): SceneElement {
  if (element.type !== 'iframe') return element
  const { customData: _, ...rest } = element
  return rest
}

function withShortName(element: SceneElement): SceneElement {
  if (element.type !== 'frame' && element.type !== 'magicframe') return element
  const { name } = element
  if (name === null || name.length <= MAX_NAME_LENGTH) return element
  return { ...element, name: name.slice(0, MAX_NAME_LENGTH) }
}

function withFewLines(element: SceneElement): SceneElement {
  const { fillStyle, backgroundColor, strokeWidth, strokeStyle } = element
  const isHatched = fillStyle !== 'solid' && backgroundColor !== 'transparent'
  const isDashed = strokeStyle !== 'solid'
  if (!isHatched && !isDashed) return element
  const { width, height } = 'points' in element ? boundsOf(element.points) : element
  const size = Math.abs(width) + Math.abs(height)
  const isTooHatched = isHatched && size > MAX_LINES * HATCH_GAP * strokeWidth
  const isTooDashed = isDashed && size > MAX_LINES * DASH_LENGTH
  if (!isTooHatched && !isTooDashed) return element
  return {
    ...element,
    ...(isTooHatched && { fillStyle: 'solid' }),
    ...(isTooDashed && { strokeStyle: 'solid' }),
  }
}
