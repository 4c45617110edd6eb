import { grow, union } from '../geometry/box.ts'
import { LIGHT_THEME } from '../model/palette.ts'
import type { Shape } from '../model/shape.ts'
import { drawShape, type PictureSource } from './draw-shape.ts'

/** The API accepts thumbnail URLs of at most this many characters. */
const MAX_URL_LENGTH = 2_048

/** Sizes and qualities to try, best first. The aspect ratio is 8:5. */
const TRIES = [320, 256, 208, 160, 120].flatMap((width) =>
  [0.7, 0.45, 0.2].map((quality) => ({ width, quality })),
)

/** Margin around the drawing, units of the board. */
const MARGIN = 32

/** A thumbnail of a board as a data: URL; null for an empty board, or if none is small enough. */
export function drawThumbnail(shapes: readonly Shape[], pictures: PictureSource): string | null {
  const content = union(shapes)
  if (!content) return null
  const box = grow(content, MARGIN)
  const canvas = document.createElement('canvas')
  for (const { width, quality } of TRIES) {
    const height = (width * 5) / 8
    canvas.width = width
    canvas.height = height
    const context = canvas.getContext('2d')
    if (!context) return null
    const zoom = Math.min(width / box.w, height / box.h, 0.75)
    context.fillStyle = LIGHT_THEME.background
    context.fillRect(0, 0, width, height)
    context.translate(width / 2, height / 2)
    context.scale(zoom, zoom)
    context.translate(-box.x - box.w / 2, -box.y - box.h / 2)
    for (const shape of shapes) drawShape(context, shape, { theme: LIGHT_THEME, zoom: 1, pictures })
    const url = canvas.toDataURL('image/webp', quality)
    if (url.length <= MAX_URL_LENGTH) return url
  }
  return null
}
