import type { Box } from '../geometry/box.ts'

/** A point of a stroke with its pressure (0 to 1). */
export interface InkPoint {
  x: number
  y: number
  pressure: number
}

/** Coordinates are stored in quarters of a unit, pressure in hundredths. */
const STEPS_PER_UNIT = 4
const PRESSURE_STEPS = 100

/** Weight of pressure in simplification: units of the board for its full range. */
const PRESSURE_WEIGHT = 6

/** A stored stroke: its bounding box, and its points in one value. */
export interface Ink {
  box: Box
  /**
   * Three numbers per point: x and y as deltas from the previous point (the first from the corner of
   * the box) and the pressure. Small integers take a byte or two each.
   */
  points: number[]
}

/** Encodes a stroke, dropping points within `tolerance` of the line between their neighbours. */
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

/** Decodes the points of a stroke scaled to `size`, relative to the corner of its box. */
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

/** Ramer–Douglas–Peucker simplification, without recursion. */
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

/** Distance from a point to a line segment, with pressure as the third dimension. */
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
