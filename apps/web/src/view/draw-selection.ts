import { type Box, union } from '../geometry/box.ts'
import { type Camera, toScreen } from '../geometry/camera.ts'
import { HANDLES, handlePoint } from '../geometry/resize.ts'
import type { Theme } from '../model/palette.ts'

/** The side of a handle, and the reach within which a press hits it, CSS pixels. */
const HANDLE_PX = 9
export const HANDLE_REACH_PX = 12

/** Converts a box of the board to the screen. */
export function boxOnScreen(camera: Camera, box: Box): Box {
  return { ...toScreen(camera, box), w: box.w * camera.zoom, h: box.h * camera.zoom }
}

/** Draws the local selection: a frame per shape, and a frame with handles around all of them. */
export function drawSelection(
  context: CanvasRenderingContext2D,
  options: { camera: Camera; theme: Theme; boxes: readonly Box[]; hasHandles: boolean },
): void {
  const { camera, theme, boxes, hasHandles } = options
  const bounds = union(boxes)
  if (!bounds) return
  context.strokeStyle = theme.selection
  context.lineWidth = 1
  if (boxes.length > 1) for (const box of boxes) frame(context, boxOnScreen(camera, box))
  context.lineWidth = 1.5
  const outer = boxOnScreen(camera, bounds)
  frame(context, outer)
  if (!hasHandles) return
  context.fillStyle = theme.handle
  for (const handle of HANDLES) {
    const { x, y } = handlePoint(outer, handle)
    context.beginPath()
    context.roundRect(x - HANDLE_PX / 2, y - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX, 2.5)
    context.fill()
    context.stroke()
  }
}

/** Draws the selections of other users, each in their colour. */
export function drawOthersSelection(
  context: CanvasRenderingContext2D,
  camera: Camera,
  selections: readonly { color: string; boxes: readonly Box[] }[],
): void {
  context.lineWidth = 1.5
  for (const { color, boxes } of selections) {
    context.strokeStyle = color
    for (const box of boxes) frame(context, boxOnScreen(camera, box), 2)
  }
}

/** Draws the marquee. */
export function drawMarquee(
  context: CanvasRenderingContext2D,
  options: { camera: Camera; theme: Theme; box: Box },
): void {
  const { x, y, w, h } = boxOnScreen(options.camera, options.box)
  context.fillStyle = options.theme.selectionFill
  context.fillRect(x, y, w, h)
  context.strokeStyle = options.theme.selection
  context.lineWidth = 1
  context.strokeRect(x, y, w, h)
}

function frame(context: CanvasRenderingContext2D, { x, y, w, h }: Box, margin = 0): void {
  context.strokeRect(x - margin, y - margin, w + 2 * margin, h + 2 * margin)
}
