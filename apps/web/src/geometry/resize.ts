import { type Box, boxBetween, type Point } from './box.ts'

/** The handles of a selection, by compass direction. */
export const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const

/** One of {@link HANDLES}. */
export type Handle = (typeof HANDLES)[number]

/** Minimum size of a shape on the board. */
const MIN_SIDE = 4

/** The position of a handle. */
export function handlePoint({ x, y, w, h }: Box, handle: Handle): Point {
  return {
    x: handle.includes('w') ? x : handle.includes('e') ? x + w : x + w / 2,
    y: handle.includes('n') ? y : handle.includes('s') ? y + h : y + h / 2,
  }
}

/** The box after dragging a handle to `to`; `keepRatio` applies to corner handles. */
export function dragHandle(box: Box, handle: Handle, to: Point, keepRatio: boolean): Box {
  const [left, top, right, bottom] = [box.x, box.y, box.x + box.w, box.y + box.h]
  const fixed = { x: handle.includes('w') ? right : left, y: handle.includes('n') ? bottom : top }
  const moved = {
    x: handle.includes('w') || handle.includes('e') ? to.x : right,
    y: handle.includes('n') || handle.includes('s') ? to.y : bottom,
  }
  if (keepRatio && handle.length === 2 && box.w > 0 && box.h > 0) {
    const scale = Math.max(Math.abs(moved.x - fixed.x) / box.w, Math.abs(moved.y - fixed.y) / box.h)
    moved.x = fixed.x + Math.sign(moved.x - fixed.x || 1) * box.w * scale
    moved.y = fixed.y + Math.sign(moved.y - fixed.y || 1) * box.h * scale
  }
  const result = boxBetween(fixed, moved)
  return { ...result, w: Math.max(result.w, MIN_SIDE), h: Math.max(result.h, MIN_SIDE) }
}

/** Maps a box inside `from` to its place when `from` becomes `to`. */
export function mapBox(box: Box, from: Box, to: Box): Box {
  const scaleX = from.w > 0 ? to.w / from.w : 1
  const scaleY = from.h > 0 ? to.h / from.h : 1
  return {
    x: to.x + (box.x - from.x) * scaleX,
    y: to.y + (box.y - from.y) * scaleY,
    w: box.w * scaleX,
    h: box.h * scaleY,
  }
}
