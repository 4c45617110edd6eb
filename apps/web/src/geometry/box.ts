/** A point on the board. */
export interface Point {
  x: number
  y: number
}

/** An axis-aligned rectangle; `w` and `h` are never negative. */
export interface Box extends Point {
  w: number
  h: number
}

/** The box between two opposite corners, in either order. */
export function boxBetween(a: Point, b: Point): Box {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    w: Math.abs(a.x - b.x),
    h: Math.abs(a.y - b.y),
  }
}

/** A box grown by `by` on each side. */
export function grow({ x, y, w, h }: Box, by: number): Box {
  return { x: x - by, y: y - by, w: w + 2 * by, h: h + 2 * by }
}

export function contains(box: Box, { x, y }: Point): boolean {
  return x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h
}

/** Whether two boxes intersect; touching counts. */
export function intersects(a: Box, b: Box): boolean {
  return a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h
}

/** The bounding box of all boxes; undefined for none. */
export function union(boxes: Iterable<Box>): Box | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y, w, h } of boxes) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x + w)
    bottom = Math.max(bottom, y + h)
  }
  return left > right ? undefined : { x: left, y: top, w: right - left, h: bottom - top }
}

export function center({ x, y, w, h }: Box): Point {
  return { x: x + w / 2, y: y + h / 2 }
}
