import type { Box } from '../geometry/box.ts'

/** A point of a stroke: where, and how firmly (0 to 1). */
export interface InkPoint {
  x: number
  y: number
  pressure: number
}

/** Coordinates are kept to a quarter of a unit, pressure to a hundredth. */
const STEPS_PER_UNIT = 4
const PRESSURE_STEPS = 100

/** How much the pressure counts when points are left out, units of the board for its whole range. */
const PRESSURE_WEIGHT = 6

/** A stroke as it is stored: its box, and all its points in one value. */
export interface Ink {
  box: Box
  /**
   * Three numbers a point: x and y as steps from the point before, the first from the box's corner,
   * and the pressure. Small whole numbers take a byte or two each.
   */
  points: number[]
}

/** Packs a stroke. Points closer than `tolerance` to the line between their neighbours go. */
export function encodeInk(stroke: readonly InkPoint[], tolerance: number): Ink {
  const kept = simplify(stroke, tolerance)
  const xs = kept.map(({ x }) => x)
  const ys = kept.map(({ y }) => y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const points: number[] = []
  let [lastX, lastY] = [0, 0]
  for (const { x, y, pressure } of kept) {
    const stepX = Math.round((x - left) * STEPS_PER_UNIT)
    const stepY = Math.round((y - top) * STEPS_PER_UNIT)
    points.push(stepX - lastX, stepY - lastY, Math.round(pressure * PRESSURE_STEPS))
    ;[lastX, lastY] = [stepX, stepY]
  }
  const box = { x: left, y: top, w: Math.max(...xs) - left, h: Math.max(...ys) - top }
  return { box, points }
}

/** The points of a stroke that was drawn over `size`, from its box's corner. */
export function decodeInk(points: readonly number[], size: { w: number; h: number }): InkPoint[] {
  const decoded: InkPoint[] = []
  let [x, y, width, height] = [0, 0, 0, 0]
  for (let i = 0; i + 2 < points.length; i += 3) {
    x += (points[i] ?? 0) / STEPS_PER_UNIT
    y += (points[i + 1] ?? 0) / STEPS_PER_UNIT
    width = Math.max(width, x)
    height = Math.max(height, y)
    decoded.push({ x, y, pressure: (points[i + 2] ?? 0) / PRESSURE_STEPS })
  }
  const scaleX = width > 0 && size.w > 0 ? size.w / width : 1
  const scaleY = height > 0 && size.h > 0 ? size.h / height : 1
  return decoded.map(({ x, y, pressure }) => ({ x: x * scaleX, y: y * scaleY, pressure }))
}

/** Ramer, Douglas and Peucker's way of leaving points out, without recursion. */
export function simplify(stroke: readonly InkPoint[], tolerance: number): InkPoint[] {
  if (stroke.length <= 2) return [...stroke]
  const isKept = new Uint8Array(stroke.length)
  isKept[0] = 1
  isKept[stroke.length - 1] = 1
  const spans: [number, number][] = [[0, stroke.length - 1]]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span
    const [a, b] = [stroke[first], stroke[last]]
    if (!a || !b) continue
    let [farthest, distance] = [-1, tolerance]
    for (let i = first + 1; i < last; i++) {
      const point = stroke[i]
      const away = point ? distanceTo(point, a, b) : 0
      if (away > distance) [farthest, distance] = [i, away]
    }
    if (farthest < 0) continue
    isKept[farthest] = 1
    spans.push([first, farthest], [farthest, last])
  }
  return stroke.filter((_, i) => isKept[i] === 1)
}

/** From a point to the line between two others, the pressure taken as a third dimension. */
function distanceTo(point: InkPoint, a: InkPoint, b: InkPoint): number {
  const [px, py, pz] = [point.x - a.x, point.y - a.y, weigh(point) - weigh(a)]
  const [dx, dy, dz] = [b.x - a.x, b.y - a.y, weigh(b) - weigh(a)]
  const length = dx * dx + dy * dy + dz * dz
  const t = length > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy + pz * dz) / length)) : 0
  return Math.hypot(px - t * dx, py - t * dy, pz - t * dz)
}

function weigh({ pressure }: InkPoint): number {
  return pressure * PRESSURE_WEIGHT
}
