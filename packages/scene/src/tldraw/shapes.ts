import type { ElementInput } from '../elements/element.ts'
import { lookUp } from '../elements/look-up.ts'
import { seedOf } from '../elements/seed.ts'
import { isObject, type JsonObject, type Point, readNumber } from '../elements/values.ts'
import { estimateText } from '../measure/layout.ts'
import { OUTLINES } from './outlines.ts'
import { boxAt, lineAt, type Place } from './place.ts'
import { readSegments } from './points.ts'
import type { Shape, Store } from './store.ts'
import { fontOf, labelFontOf, lightColor, scaleOf, strokeOf, textOf } from './styles.ts'

/** What a converter of shapes is told. */
export interface ShapeContext {
  readonly store: Store
  readonly place: Place
  /** Properties that every element of the shape has. */
  readonly common: JsonObject
}

type Convert = (shape: Shape, context: ShapeContext) => ElementInput[]

const NOTE_SIZE = 200
const LABEL_PADDING = 5
const HIGHLIGHT_OPACITY = 40
const HIGHLIGHT_WIDTHS = 4

/** The elements of shapes other than arrows, by type. */
export const CONVERTERS: Readonly<{ [type: string]: Convert }> = {
  geo: convertGeo,
  note: convertNote,
  text: convertText,
  draw: convertStroke,
  highlight: convertHighlight,
  line: convertLine,
  frame: convertFrame,
  image: convertImage,
  embed: convertLink,
  bookmark: convertLink,
  video: convertLink,
}

/** The size of a shape that has one, as it is shown. */
export function sizeOf({ type, props }: Shape): { width: number; height: number } {
  const growth = readNumber(props.growY) ?? 0
  if (type === 'note') {
    return { width: NOTE_SIZE * scaleOf(props), height: (NOTE_SIZE + growth) * scaleOf(props) }
  }
  if (type === 'text') {
    const { fontSize } = fontOf(props)
    const isWide = props.autoSize === false
    const width = (readNumber(props.w) ?? 0) * scaleOf(props)
    const text = estimateText(textOf(props), { fontSize, ...(isWide && { maxWidth: width }) })
    return { width: isWide ? width : text.width, height: text.height }
  }
  return {
    width: Math.abs(readNumber(props.w) ?? 100),
    height: Math.abs(readNumber(props.h) ?? 100) + growth,
  }
}

/** The element that stands for a shape where an arrow is bound to it; some cannot be bound to. */
export function isBindable({ type, props }: Shape): boolean {
  if (type === 'geo') return !lookUp(OUTLINES, props.geo)
  return ['note', 'text', 'frame', 'image', 'embed', 'bookmark', 'video'].includes(type)
}

function convertGeo(shape: Shape, context: ShapeContext): ElementInput[] {
  const { props } = shape
  const { width, height } = sizeOf(shape)
  const outline = lookUp(OUTLINES, props.geo)
  const base = {
    ...context.common,
    ...strokeOf(props),
    id: shape.id,
    seed: seedOf(shape.id),
    link: linkOf(props),
  }
  if (outline) {
    const corners = [...outline, outline[0] as Point].map(
      ([x, y]): Point => [x * width, y * height],
    )
    const area = { ...base, type: 'line', ...lineAt(context.place, corners) }
    return [area, ...labelOf(shape, context, { width, height, containerId: null })]
  }
  const type = lookUp(ELEMENTS, props.geo) ?? 'rectangle'
  const element = { ...base, type, ...boxAt(context.place, width, height) }
  return [element, ...labelOf(shape, context, { width, height, containerId: shape.id })]
}

const ELEMENTS: Readonly<{ [geo: string]: string }> = {
  ellipse: 'ellipse',
  oval: 'ellipse',
  cloud: 'ellipse',
  diamond: 'diamond',
}

function convertNote(shape: Shape, context: ShapeContext): ElementInput[] {
  const { width, height } = sizeOf(shape)
  const note = {
    ...context.common,
    id: shape.id,
    type: 'rectangle',
    ...boxAt(context.place, width, height),
    strokeColor: 'transparent',
    backgroundColor: lightColor(shape.props.color),
    roughness: 0,
    seed: seedOf(shape.id),
    link: linkOf(shape.props),
  }
  // Its letters are black, whatever its colour.
  const props = { ...shape.props, color: shape.props.labelColor ?? 'black' }
  return [note, ...labelOf({ ...shape, props }, context, { width, height, containerId: shape.id })]
}

/** The text within a shape. */
export function labelOf(
  { id, props }: Shape,
  { place, common }: ShapeContext,
  { width, height, containerId }: { width: number; height: number; containerId: string | null },
): ElementInput[] {
  const originalText = textOf(props)
  if (originalText.trim() === '') return []
  const font = labelFontOf(props)
  const maxWidth = Math.max(1, width - 2 * LABEL_PADDING)
  const size = estimateText(originalText, { fontSize: font.fontSize, maxWidth })
  const box = boxAt(place, width, height)
  return [
    {
      ...common,
      ...font,
      id: `${id}-text`,
      type: 'text',
      x: box.x + (width - size.width) / 2,
      y: box.y + (height - size.height) / 2,
      width: size.width,
      height: size.height,
      angle: box.angle,
      text: size.text,
      originalText,
      containerId,
      seed: seedOf(`${id}-text`),
    },
  ]
}

function convertText(shape: Shape, { place, common }: ShapeContext): ElementInput[] {
  const originalText = textOf(shape.props)
  if (originalText.trim() === '') return []
  const { width, height } = sizeOf(shape)
  const autoResize = shape.props.autoSize !== false
  const { fontSize } = fontOf(shape.props)
  const { text } = estimateText(originalText, { fontSize, ...(!autoResize && { maxWidth: width }) })
  return [
    {
      ...common,
      ...fontOf(shape.props),
      id: shape.id,
      type: 'text',
      ...boxAt(place, width, height),
      text,
      originalText,
      autoResize,
      seed: seedOf(shape.id),
    },
  ]
}

function convertStroke(shape: Shape, { place, common }: ShapeContext): ElementInput[] {
  const { id, props } = shape
  const [scaleX, scaleY] = [readNumber(props.scaleX) || 1, readNumber(props.scaleY) || 1]
  const stroke = readSegments(props.segments)
  if (stroke.length === 0) return []
  const points = stroke.map(({ point: [x, y] }): Point => [x * scaleX, y * scaleY])
  const isPen = props.isPen === true
  return [
    {
      ...common,
      ...strokeOf(props),
      id,
      type: 'freedraw',
      ...lineAt(place, points),
      pressures: isPen ? stroke.map(({ pressure }) => pressure) : [],
      simulatePressure: !isPen,
      seed: seedOf(id),
    },
  ]
}

function convertHighlight(shape: Shape, context: ShapeContext): ElementInput[] {
  return convertStroke(shape, context).map((stroke) => ({
    ...stroke,
    opacity: HIGHLIGHT_OPACITY,
    strokeWidth: HIGHLIGHT_WIDTHS * strokeOf(shape.props).strokeWidth,
  }))
}

function convertLine(shape: Shape, { place, common }: ShapeContext): ElementInput[] {
  const { id, props } = shape
  const points = readHandles(props.points ?? props.handles)
  if (points.length < 2) return []
  const roundness = props.spline === 'cubic' ? { type: 2 } : null
  return [
    {
      ...common,
      ...strokeOf(props),
      id,
      type: 'line',
      ...lineAt(place, points),
      roundness,
      seed: seedOf(id),
    },
  ]
}

/** A list once, then handles by their place, now points by id with an index. */
function readHandles(value: unknown): Point[] {
  const handles = Array.isArray(value) ? value : handlesOf(value)
  return handles.flatMap((handle: unknown): Point[] => {
    const [x, y] = isObject(handle) ? [readNumber(handle.x), readNumber(handle.y)] : []
    return x === undefined || y === undefined ? [] : [[x, y]]
  })
}

function handlesOf(value: unknown): JsonObject[] {
  const handles = Object.entries(isObject(value) ? value : {}).map(([key, handle]) => ({
    index: key,
    ...(isObject(handle) && handle),
  }))
  return handles.sort((a, b) => (a.index < b.index ? -1 : 1))
}

function convertFrame(
  { id, props, ...shape }: Shape,
  { place, common }: ShapeContext,
): ElementInput[] {
  const { width, height } = sizeOf({ id, props, ...shape })
  const name = typeof props.name === 'string' && props.name !== '' ? props.name : null
  return [{ ...common, id, type: 'frame', ...boxAt(place, width, height), name, seed: seedOf(id) }]
}

function convertImage(shape: Shape, context: ShapeContext): ElementInput[] {
  const { id, props } = shape
  const asset = context.store.assetOf(shape)
  // A picture somewhere else cannot be taken along, but there is a way to it.
  if (!String(asset.src).startsWith('data:')) return convertLink(shape, context)
  const { width, height } = sizeOf(shape)
  return [
    {
      ...context.common,
      id,
      type: 'image',
      ...boxAt(context.place, width, height),
      fileId: String(props.assetId),
      scale: [props.flipX === true ? -1 : 1, props.flipY === true ? -1 : 1],
      crop: cropOf(props.crop, asset),
      link: linkOf(props),
      seed: seedOf(id),
    },
  ]
}

/** Shares of the picture there, its own pixels here. */
function cropOf(crop: unknown, { w, h }: JsonObject) {
  const [naturalWidth, naturalHeight] = [readNumber(w), readNumber(h)]
  if (!isObject(crop) || !naturalWidth || !naturalHeight) return null
  const { topLeft, bottomRight } = crop
  if (!isObject(topLeft) || !isObject(bottomRight)) return null
  const [left, top] = [readNumber(topLeft.x) ?? 0, readNumber(topLeft.y) ?? 0]
  const [right, bottom] = [readNumber(bottomRight.x) ?? 1, readNumber(bottomRight.y) ?? 1]
  return {
    x: left * naturalWidth,
    y: top * naturalHeight,
    width: (right - left) * naturalWidth,
    height: (bottom - top) * naturalHeight,
    naturalWidth,
    naturalHeight,
  }
}

/** Embeds stay embeds; other things from elsewhere become a box that leads there. */
function convertLink(shape: Shape, context: ShapeContext): ElementInput[] {
  const { id, type, props } = shape
  const asset = context.store.assetOf(shape)
  const { width, height } = sizeOf(shape)
  const link = linkOf(props) ?? (typeof asset.src === 'string' ? asset.src : null)
  const box = {
    ...context.common,
    id,
    type: type === 'embed' ? 'embeddable' : 'rectangle',
    ...boxAt(context.place, width, height),
    link,
    seed: seedOf(id),
  }
  if (type === 'embed') return [box]
  const text = [asset.title, asset.name, link].find(
    (name) => typeof name === 'string' && name !== '',
  )
  const label = { ...shape, props: { ...props, text, size: 's', font: 'sans' } }
  return [box, ...labelOf(label, context, { width, height, containerId: id })]
}

const linkOf = ({ url }: JsonObject) => (typeof url === 'string' && url !== '' ? url : null)
