import type { Theme, Tint } from '../model/palette.ts'
import type { Shape } from '../model/shape.ts'
import { pathOf } from './stroke-path.ts'
import { fontOf, LINE_HEIGHT, layoutOf } from './text-layout.ts'

const OUTLINE_WIDTH = 2.5
const CORNER_RADIUS = 10
const NOTE_RADIUS = 4

/** Text below this size is not legible and not drawn, CSS pixels. */
const MIN_TEXT_PX = 3

/** Shapes with a larger side below this are drawn as a dot, CSS pixels. */
const MIN_DETAIL_PX = 4

/** Where the pictures of a board come from; undefined while one is not there. */
export interface PictureSource {
  get(digest: string): CanvasImageSource | undefined
}

/** Draws a shape; the context maps the board to the screen. */
export function drawShape(
  context: CanvasRenderingContext2D,
  shape: Shape,
  options: {
    theme: Theme
    zoom: number
    /** The pictures of the board. */
    pictures: PictureSource
    /** While the user edits the text, a text field covers it. */
    isTextHidden?: boolean
  },
): void {
  const { theme, zoom, pictures, isTextHidden = false } = options
  const tint = theme.tints[shape.color]
  if (Math.max(shape.w, shape.h) * zoom < MIN_DETAIL_PX) {
    context.fillStyle = tint.line
    context.fillRect(shape.x, shape.y, Math.max(shape.w, 1 / zoom), Math.max(shape.h, 1 / zoom))
    return
  }
  if (shape.type === 'pen') drawPen(context, shape, tint)
  else if (shape.type === 'image') drawPicture(context, shape, theme, pictures)
  else if (shape.type === 'sticky') drawNote(context, shape, tint, theme)
  else if (shape.type !== 'text') drawOutlined(context, shape, tint)
  if (shape.text && !isTextHidden) drawText(context, shape, tint, zoom)
}

function drawPen(context: CanvasRenderingContext2D, shape: Shape, { line }: Tint): void {
  context.translate(shape.x, shape.y)
  context.fillStyle = line
  context.fill(pathOf(shape))
  context.translate(-shape.x, -shape.y)
}

/** Its place is grey until it is there. */
function drawPicture(
  context: CanvasRenderingContext2D,
  { x, y, w, h, digest = '' }: Shape,
  { dots }: Theme,
  pictures: PictureSource,
): void {
  const picture = pictures.get(digest)
  context.fillStyle = dots
  if (picture) context.drawImage(picture, x, y, w, h)
  else context.fillRect(x, y, w, h)
}

function drawOutlined(
  context: CanvasRenderingContext2D,
  { type, x, y, w, h }: Shape,
  { line, fill }: Tint,
): void {
  context.beginPath()
  if (type === 'ellipse') context.ellipse(x + w / 2, y + h / 2, w / 2, h / 2, 0, 0, 2 * Math.PI)
  else context.roundRect(x, y, w, h, Math.min(CORNER_RADIUS, w / 2, h / 2))
  context.fillStyle = fill
  context.fill()
  context.strokeStyle = line
  context.lineWidth = OUTLINE_WIDTH
  context.stroke()
}

/** The shadow is a second rectangle: a blurred shadow costs a hundred times as much. */
function drawNote(
  context: CanvasRenderingContext2D,
  { x, y, w, h }: Shape,
  { paper }: Tint,
  { paperShadow }: Theme,
): void {
  context.fillStyle = paperShadow
  context.beginPath()
  context.roundRect(x + 1, y + 4, w - 2, h, NOTE_RADIUS)
  context.fill()
  context.fillStyle = paper
  context.beginPath()
  context.roundRect(x, y, w, h, NOTE_RADIUS)
  context.fill()
}

function drawText(context: CanvasRenderingContext2D, shape: Shape, tint: Tint, zoom: number): void {
  const { lines, fontSize } = layoutOf(shape)
  if (fontSize * zoom < MIN_TEXT_PX) return
  const isFree = shape.type === 'text'
  const lineHeight = fontSize * LINE_HEIGHT
  const x = isFree ? shape.x : shape.x + shape.w / 2
  const top = isFree ? shape.y : shape.y + (shape.h - lines.length * lineHeight) / 2
  context.font = fontOf(fontSize)
  context.textAlign = isFree ? 'left' : 'center'
  context.textBaseline = 'middle'
  context.fillStyle = shape.type === 'sticky' ? tint.onPaper : tint.line
  lines.forEach((line, i) => {
    context.fillText(line, x, top + (i + 0.5) * lineHeight)
  })
}
