import { grow, intersects } from '../geometry/box.ts'
import { type Camera, type Size, visibleBox } from '../geometry/camera.ts'
import { STROKE_WIDTH } from '../geometry/hit-test.ts'
import type { Theme } from '../model/palette.ts'
import type { Shape } from '../model/shape.ts'
import { drawShape, type PictureSource } from './draw-shape.ts'

/** Distance of grid dots, units of the board, and the smallest distance at which they are drawn, CSS pixels. */
const GRID = 24
const MIN_GRID_PX = 14

/** Draws the background and the shapes in view. @returns the number of shapes drawn */
export function drawBoard(
  context: CanvasRenderingContext2D,
  options: {
    camera: Camera
    /** CSS pixels. */
    size: Size
    pixelRatio: number
    theme: Theme
    shapes: readonly Shape[]
    pictures: PictureSource
    /** The shape whose text is being edited. */
    editedId: string | undefined
  },
): number {
  const { camera, size, pixelRatio, theme, shapes, pictures, editedId } = options
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
  context.fillStyle = theme.background
  context.fillRect(0, 0, size.width, size.height)
  drawGrid(context, camera, size, theme)

  const { x, y, zoom } = camera
  const scale = zoom * pixelRatio
  context.setTransform(scale, 0, 0, scale, -x * scale, -y * scale)
  // Outlines and shadows extend beyond a shape's box.
  const view = grow(visibleBox(camera, size), STROKE_WIDTH)
  let drawn = 0
  for (const shape of shapes) {
    if (!intersects(shape, view)) continue
    drawShape(context, shape, { theme, zoom, pictures, isTextHidden: shape.id === editedId })
    drawn++
  }
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
  return drawn
}

function drawGrid(
  context: CanvasRenderingContext2D,
  { x, y, zoom }: Camera,
  { width, height }: Size,
  { dots }: Theme,
): void {
  let step = GRID * zoom
  while (step < MIN_GRID_PX) step *= 4
  const offset = (position: number) => -((((position * zoom) % step) + step) % step)
  const dot = zoom < 1 ? 1 : Math.min(2, 1.2 * zoom)
  context.fillStyle = dots
  for (let left = offset(x); left < width; left += step) {
    for (let top = offset(y); top < height; top += step) context.fillRect(left, top, dot, dot)
  }
}
