import getStroke from 'perfect-freehand'
import { STROKE_WIDTH } from '../geometry/hit-test.ts'
import { decodeInk, type InkPoint } from '../model/ink.ts'
import type { Shape } from '../model/shape.ts'

interface KnownPath {
  w: number
  h: number
  path: Path2D
}

/** Keyed by the stored points, which stay the same object while a stroke is moved. */
const paths = new WeakMap<readonly number[], KnownPath>()

/** The outline of a stored stroke, relative to the corner of its box. */
export function pathOf({ points = [], w, h }: Shape): Path2D {
  const known = paths.get(points)
  if (known && known.w === w && known.h === h) return known.path
  const path = outline(decodeInk(points, { w, h }), true)
  paths.set(points, { w, h, path })
  return path
}

/** The outline of a stroke; an incomplete one has no end cap yet. */
export function outline(stroke: readonly InkPoint[], isComplete: boolean): Path2D {
  const edge = getStroke(
    stroke.map(({ x, y, pressure }) => [x, y, pressure]),
    {
      size: STROKE_WIDTH,
      thinning: 0.55,
      smoothing: 0.5,
      streamline: isComplete ? 0.2 : 0.3,
      simulatePressure: false,
      last: isComplete,
    },
  )
  return pathAround(edge)
}

/** A smooth path through the points of an edge. */
export function pathAround(edge: readonly number[][]): Path2D {
  const path = new Path2D()
  const [first] = edge
  if (!first) return path
  path.moveTo(first[0] ?? 0, first[1] ?? 0)
  edge.forEach(([x = 0, y = 0], i) => {
    const [nextX = 0, nextY = 0] = edge[(i + 1) % edge.length] ?? []
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2)
  })
  path.closePath()
  return path
}
