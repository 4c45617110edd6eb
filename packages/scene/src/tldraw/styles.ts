import { lookUp } from '../elements/look-up.ts'
import { isObject, type JsonObject, readNumber } from '../elements/values.ts'

const BLACK = ['#1d1d1d', '#e8e8e8'] as const

/** Colours of lines, and of what is filled lightly. */
const COLORS: Readonly<{ [name: string]: readonly [line: string, light: string] }> = {
  black: BLACK,
  grey: ['#9fa8b2', '#eceef0'],
  'light-violet': ['#e085f4', '#f5eafa'],
  violet: ['#ae3ec9', '#ecdcf2'],
  blue: ['#4465e9', '#dce1f8'],
  'light-blue': ['#4ba1f1', '#ddedfa'],
  yellow: ['#f1ac4b', '#f9f0e6'],
  orange: ['#e16919', '#f8e2d4'],
  green: ['#099268', '#d3e9e3'],
  'light-green': ['#4cb05e', '#dbf0e0'],
  'light-red': ['#f87777', '#f4dadb'],
  red: ['#e03131', '#f4dadb'],
  white: ['#ffffff', '#f5f5f5'],
}

const STROKE_WIDTHS: Readonly<{ [size: string]: number }> = { s: 1, m: 2, l: 4, xl: 8 }
const FONTS: Readonly<{ [font: string]: number }> = { draw: 5, sans: 6, serif: 2, mono: 8 }
const TEXT_SIZES: Readonly<{ [size: string]: number }> = { s: 18, m: 24, l: 36, xl: 44 }
const LABEL_SIZES: Readonly<{ [size: string]: number }> = { s: 18, m: 22, l: 26, xl: 32 }

const ARROWHEADS: Readonly<{ [name: string]: string }> = {
  arrow: 'arrow',
  triangle: 'triangle',
  square: 'bar',
  dot: 'dot',
  pipe: 'bar',
  bar: 'bar',
  diamond: 'diamond',
  inverted: 'triangle_outline',
}

/** The factor that shapes which were drawn while zoomed have. */
export const scaleOf = ({ scale }: JsonObject): number => readNumber(scale) || 1

export const lineColor = (name: unknown): string => (lookUp(COLORS, name) ?? BLACK)[0]
export const lightColor = (name: unknown): string => (lookUp(COLORS, name) ?? BLACK)[1]

export const arrowhead = (name: unknown): string | null => lookUp(ARROWHEADS, name) ?? null

/** How lines and areas look. */
export function strokeOf(props: JsonObject) {
  const { color, dash, fill, size } = props
  const isDashed = dash === 'dashed' || dash === 'dotted'
  return {
    strokeColor: lineColor(color),
    strokeWidth: (lookUp(STROKE_WIDTHS, size) ?? 2) * scaleOf(props),
    strokeStyle: isDashed ? dash : 'solid',
    roughness: dash === 'draw' ? 1 : 0,
    ...fillOf(fill, color),
  }
}

function fillOf(fill: unknown, color: unknown) {
  if (fill === 'semi' || fill === 'solid') return { backgroundColor: lightColor(color) }
  if (fill === 'pattern') return { backgroundColor: lineColor(color), fillStyle: 'hachure' }
  return { backgroundColor: fill === 'fill' ? lineColor(color) : 'transparent' }
}

const ALIGNMENTS: Readonly<{ [name: string]: string }> = {
  start: 'left',
  middle: 'center',
  end: 'right',
}
const VERTICAL: Readonly<{ [name: string]: string }> = {
  start: 'top',
  middle: 'middle',
  end: 'bottom',
}

const alignment = (table: typeof ALIGNMENTS, name: unknown) =>
  lookUp(table, String(name).replace('-legacy', ''))

/** How the letters of a text by itself look. */
export function fontOf(props: JsonObject) {
  return {
    fontSize: (lookUp(TEXT_SIZES, props.size) ?? 24) * scaleOf(props),
    fontFamily: lookUp(FONTS, props.font) ?? 5,
    textAlign: alignment(ALIGNMENTS, props.textAlign ?? props.align) ?? 'left',
    strokeColor: lineColor(props.color),
  }
}

/** How the letters within a shape look. */
export function labelFontOf(props: JsonObject) {
  return {
    fontSize: (lookUp(LABEL_SIZES, props.size) ?? 22) * scaleOf(props),
    fontFamily: lookUp(FONTS, props.font) ?? 5,
    textAlign: alignment(ALIGNMENTS, props.align) ?? 'center',
    verticalAlign: alignment(VERTICAL, props.verticalAlign) ?? 'middle',
    strokeColor: lineColor(props.labelColor ?? props.color),
  }
}

/** How deep a text may nest, lists within lists for example. */
const MAX_TEXT_DEPTH = 20

/** The text of a shape: plain once, a tree of paragraphs now. */
export function textOf({ text, richText }: JsonObject): string {
  if (typeof text === 'string') return text
  return isObject(richText) ? linesOf(richText, MAX_TEXT_DEPTH).join('\n') : ''
}

function linesOf(node: JsonObject, depth: number): string[] {
  const content = Array.isArray(node.content) && depth > 0 ? node.content.filter(isObject) : []
  if (node.type === 'paragraph' || node.type === 'heading') {
    return [
      content.map((part) => (part.type === 'hardBreak' ? '\n' : String(part.text ?? ''))).join(''),
    ]
  }
  return content.flatMap((part) => linesOf(part, depth - 1))
}
