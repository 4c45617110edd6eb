import type { SceneElement } from '../elements/element.ts'
import type { Point } from '../elements/values.ts'

/** A rectangle, without rotation, in units of the scene. */
export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The smallest rectangle around an element as it is rotated; without the width of its strokes. */
export function elementBounds(element: SceneElement): Bounds {
  const corners = cornersOf(element)
  const plain = boundsOf(corners)
  if (element.angle === 0) return plain
  const center: Point = [plain.x + plain.width / 2, plain.y + plain.height / 2]
  if (element.type === 'ellipse') return aroundEllipse(element, center)
  return boundsOf(corners.map((corner) => rotate(corner, center, element.angle)))
}

/** The smallest rectangle around elements; undefined around none. */
export function sceneBounds(elements: Iterable<SceneElement>): Bounds | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const element of elements) {
    const { x, y, width, height } = elementBounds(element)
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x + width)
    bottom = Math.max(bottom, y + height)
  }
  return left > right ? undefined : { x: left, y: top, width: right - left, height: bottom - top }
}

/** A point turned around a center, radians clockwise. */
export function rotate([x, y]: Point, [centerX, centerY]: Point, angle: number): Point {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  const [dx, dy] = [x - centerX, y - centerY]
  return [centerX + dx * cos - dy * sin, centerY + dx * sin + dy * cos]
}

/** Points that reach as far as an element does. */
function cornersOf(element: SceneElement): Point[] {
  const { x, y, width, height, type } = element
  if (type === 'line' || type === 'arrow' || type === 'freedraw') {
    return element.points.map(([dx, dy]) => [x + dx, y + dy])
  }
  if (type === 'diamond') {
    return [
      [x + width / 2, y],
      [x + width, y + height / 2],
      [x + width / 2, y + height],
      [x, y + height / 2],
    ]
  }
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ]
}

/** The smallest rectangle around points. */
export function boundsOf(points: readonly Point[]): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}

function aroundEllipse({ width, height, angle }: SceneElement, [x, y]: Point): Bounds {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  const halfWidth = Math.hypot((width / 2) * cos, (height / 2) * sin)
  const halfHeight = Math.hypot((width / 2) * sin, (height / 2) * cos)
  return { x: x - halfWidth, y: y - halfHeight, width: 2 * halfWidth, height: 2 * halfHeight }
}
