import { decodeInk } from '../model/ink.ts'
import type { Shape } from '../model/shape.ts'
import { type Box, contains, grow, intersects, type Point } from './box.ts'

/** Stroke width, units of the board. */
export const STROKE_WIDTH = 5

/** Whether a point is on a shape, or within `tolerance` of it (units of the board). */
export function isHit(shape: Shape, point: Point, tolerance: number): boolean {
  const reach = grow(shape, tolerance + (shape.type === 'pen' ? STROKE_WIDTH / 2 : 0))
  if (!contains(reach, point)) return false
  if (shape.type === 'ellipse') return isInEllipse(grow(shape, tolerance), point)
  if (shape.type === 'pen') return isOnStroke(shape, point, tolerance + STROKE_WIDTH / 2)
  return true
}

/** The topmost shape at a point; `stack` is sorted bottom first. */
export function shapeAt(
  stack: readonly Shape[],
  point: Point,
  tolerance: number,
): Shape | undefined {
  return stack.findLast((shape) => isHit(shape, point, tolerance))
}

/** The shapes that a marquee touches. */
export function shapesIn(stack: readonly Shape[], marquee: Box): Shape[] {
  return stack.filter((shape) => {
    if (!intersects(shape, marquee)) return false
    if (shape.type !== 'pen') return true
    return inkOf(shape).some((point) => contains(marquee, point))
  })
}

function isInEllipse({ x, y, w, h }: Box, point: Point): boolean {
  if (w === 0 || h === 0) return false
  const dx = (point.x - (x + w / 2)) / (w / 2)
  const dy = (point.y - (y + h / 2)) / (h / 2)
  return dx * dx + dy * dy <= 1
}

function isOnStroke(shape: Shape, point: Point, reach: number): boolean {
  const ink = inkOf(shape)
  return ink.some((end, i) => distanceToSegment(point, ink[i - 1] ?? end, end) <= reach)
}

/** A stroke's points on the board. */
function inkOf(shape: Shape): Point[] {
  return decodeInk(shape.points ?? [], shape).map(({ x, y }) => ({
    x: x + shape.x,
    y: y + shape.y,
  }))
}

function distanceToSegment(point: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const length = dx * dx + dy * dy
  const t = length > 0 ? ((point.x - a.x) * dx + (point.y - a.y) * dy) / length : 0
  const held = Math.min(1, Math.max(0, t))
  return Math.hypot(point.x - a.x - held * dx, point.y - a.y - held * dy)
}
