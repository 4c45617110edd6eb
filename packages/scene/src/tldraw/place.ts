import { type Point, readNumber } from '../elements/values.ts'
import { rotate } from '../measure/bounds.ts'
import type { Shape, Store } from './store.ts'

/** Where a shape is on the scene: tldraw turns around the corner, and counts from that of the parent. */
export interface Place {
  readonly at: Point
  /** Radians. */
  readonly angle: number
}

/** The place of a shape whose page begins at a point. */
export function placeOf(shape: Shape, store: Store, page: Point): Place {
  return [shape, ...store.ancestorsOf(shape)].reduceRight<Place>(within, { at: page, angle: 0 })
}

function within(parent: Place, { x, y, rotation }: Shape): Place {
  const own: Point = [readNumber(x) ?? 0, readNumber(y) ?? 0]
  return { at: pointAt(parent, own), angle: parent.angle + (readNumber(rotation) ?? 0) }
}

/** Where a point of a shape is on the scene. */
export function pointAt({ at, angle }: Place, [x, y]: Point): Point {
  return rotate([at[0] + x, at[1] + y], at, angle)
}

/** The box of an element that Excalidraw turns around its middle. */
export function boxAt(place: Place, width: number, height: number) {
  const [x, y] = pointAt(place, [width / 2, height / 2])
  const angle = place.angle % (2 * Math.PI)
  return {
    x: x - width / 2,
    y: y - height / 2,
    width,
    height,
    angle: angle < 0 ? angle + 2 * Math.PI : angle,
  }
}

/** A line through points of a shape. */
export function lineAt(place: Place, points: readonly Point[]) {
  const placed = points.map((point) => pointAt(place, point))
  const [left, top] = placed[0] ?? place.at
  const xs = placed.map(([x]) => x - left)
  const ys = placed.map(([, y]) => y - top)
  const extent = (values: number[]) =>
    values.reduce((most, value) => Math.max(most, value), 0) -
    values.reduce((least, value) => Math.min(least, value), 0)
  return {
    x: left,
    y: top,
    width: extent(xs),
    height: extent(ys),
    points: placed.map(([x, y]): Point => [x - left, y - top]),
  }
}
