import type { Shape } from '../model/shape.ts'

export const FONT_FAMILY =
  'ui-rounded, "SF Pro Rounded", "Segoe UI", system-ui, -apple-system, Roboto, "Noto Sans", sans-serif'

/** Line height as a multiple of the font size. */
export const LINE_HEIGHT = 1.3

/** Padding between the edge of a shape and its text, units of the board. */
export const TEXT_PADDING = 14

/** Font sizes of text in rectangles and ellipses; the largest that fits is used. */
const LABEL_SIZES = [20, 18, 16, 14, 12, 10, 8]

/** Font sizes of text on sticky notes. */
const NOTE_SIZES = [32, 28, 24, 20, 18, 16, 14, 12, 10, 8, 6]

/** The lines of a text and its font size. */
export interface TextLayout {
  lines: readonly string[]
  fontSize: number
}

const measuring = document.createElement('canvas').getContext('2d')
const layouts = new WeakMap<Shape, TextLayout>()

/** The text layout of a shape, cached per state of the shape. */
export function layoutOf(shape: Shape): TextLayout {
  const known = layouts.get(shape)
  if (known) return known
  const layout = layOut(shape)
  layouts.set(shape, layout)
  return layout
}

/** The size of a text shape, units of the board. */
export function textSize(text: string, fontSize: number): { w: number; h: number } {
  const lines = text.split('\n')
  const widths = lines.map((line) => widthOf(line, fontSize))
  return { w: Math.max(fontSize / 2, ...widths), h: lines.length * fontSize * LINE_HEIGHT }
}

export function fontOf(fontSize: number): string {
  return `500 ${fontSize}px ${FONT_FAMILY}`
}

function layOut(shape: Shape): TextLayout {
  const { type, text, fontSize } = shape
  if (type === 'text') return { lines: text.split('\n'), fontSize }
  const sizes = type === 'sticky' ? NOTE_SIZES : LABEL_SIZES
  // The inscribed rectangle of an ellipse.
  const room = type === 'ellipse' ? Math.SQRT1_2 : 1
  const width = Math.max(shape.w * room - 2 * TEXT_PADDING, 1)
  const height = Math.max(shape.h * room - 2 * TEXT_PADDING, 1)
  let layout: TextLayout = { lines: [], fontSize: 0 }
  for (const size of sizes) {
    layout = { lines: wrap(text, size, width), fontSize: size }
    if (layout.lines.length * size * LINE_HEIGHT <= height) break
  }
  return layout
}

/** Wraps a text between words, and within words that are too long. */
function wrap(text: string, fontSize: number, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(/(?<=\s)/)) {
      if (widthOf((line + word).trimEnd(), fontSize) <= width) {
        line += word
        continue
      }
      if (line) lines.push(line.trimEnd())
      line = ''
      for (const character of word) {
        if (line && widthOf(line + character, fontSize) > width) {
          lines.push(line)
          line = ''
        }
        line += character
      }
    }
    return [...lines, line.trimEnd()]
  })
}

function widthOf(text: string, fontSize: number): number {
  if (!measuring) return text.length * fontSize * 0.6
  const font = fontOf(fontSize)
  // Setting the same font again costs as much as a different one.
  if (measuring.font !== font) measuring.font = font
  return measuring.measureText(text).width
}
