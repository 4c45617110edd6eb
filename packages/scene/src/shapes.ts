import * as Y from 'yjs'
import type { ElementInput } from './elements/element.ts'
import { lookUp } from './elements/look-up.ts'
import { compareOrder, keysAbove, readOrderKey } from './elements/order.ts'
import { seedOf } from './elements/seed.ts'
import { type Point, readAmount, readCoordinate, readId } from './elements/values.ts'
import type { ImportedFile, ImportedScene } from './imported-scene.ts'
import { estimateText } from './measure/layout.ts'

const INK = ['#27272a', '#ffffff', '#eceae4'] as const

/** The colours of the first whiteboard: lines, fills, paper of notes. */
const COLORS: Readonly<Record<string, readonly [line: string, fill: string, paper: string]>> = {
  ink: INK,
  red: ['#d13438', '#fdecec', '#ffc9c5'],
  orange: ['#d9660b', '#fff1e3', '#ffd3a8'],
  yellow: ['#b98900', '#fff8dc', '#ffe88f'],
  green: ['#2f9e44', '#e9f8ec', '#bfecc4'],
  teal: ['#0c8f8f', '#e3f7f6', '#aee9e4'],
  blue: ['#2f6fdb', '#e8f0fe', '#bcd6ff'],
  violet: ['#7048d8', '#f0ebfe', '#d8caff'],
  pink: ['#cc3d8f', '#fdeaf5', '#ffc7e4'],
}

const LABEL_FONT_SIZE = 20
const TEXT_FONT_SIZE = 24

/** Between the edge of a shape and its label. */
const LABEL_PADDING = 5

/** Strokes hold coordinates in quarters of a unit, pressure in hundredths. */
const STEPS_PER_UNIT = 4
const PRESSURE_STEPS = 100

interface Shape {
  readonly id: string
  readonly index: string | null
  readonly map: Y.Map<unknown>
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Reads the shapes that the web app drew before it took Excalidraw: `doc.getMap('shapes')`. It is the same for
 * everybody who converts a board: ids stay, and nothing is drawn by lot.
 */
export function readShapes(shapes: Y.Map<unknown>): ImportedScene {
  const read = [...shapes].map(([id, map]) => readShape(id, map))
  const ordered = read.filter((shape) => shape !== undefined).sort(compareOrder)
  const converted = ordered.map(elementsOf)
  const elements = converted.flat()
  const keys = keysAbove(null, elements.length)
  const files = new Map<string, ImportedFile>()
  for (const { fileId } of elements) {
    // The server tells the type of a file by its content.
    if (typeof fileId === 'string') files.set(fileId, { digest: fileId, mimeType: 'image/png' })
  }
  return {
    elements: elements.map((element, i) => ({ ...element, index: keys[i] })),
    files,
    skipped: shapes.size - converted.filter((of) => of.length > 0).length,
  }
}

function readShape(id: string, map: unknown): Shape | undefined {
  if (!(map instanceof Y.Map) || readId(id) === undefined) return undefined
  const [x, y] = [readCoordinate(map.get('x')), readCoordinate(map.get('y'))]
  const [width, height] = [readAmount(map.get('w')), readAmount(map.get('h'))]
  if (x === undefined || y === undefined || width === undefined || height === undefined)
    return undefined
  return { id, map, x, y, width, height, index: readOrderKey(map.get('order')) ?? null }
}

function elementsOf(shape: Shape): ElementInput[] {
  const { map } = shape
  const [line, fill, paper] = lookUp(COLORS, map.get('color')) ?? INK
  const base = (type: string) => ({
    id: shape.id,
    type,
    x: shape.x,
    y: shape.y,
    width: shape.width,
    height: shape.height,
    strokeColor: line,
    seed: seedOf(shape.id),
    roughness: 0,
  })
  const corners = { roundness: { type: 3 } }
  switch (map.get('type')) {
    case 'rectangle':
      return [{ ...base('rectangle'), ...corners, backgroundColor: fill }, ...labelOf(shape, line)]
    case 'ellipse':
      return [{ ...base('ellipse'), backgroundColor: fill }, ...labelOf(shape, line)]
    case 'sticky': {
      const note = { ...base('rectangle'), strokeColor: 'transparent', backgroundColor: paper }
      return [note, ...labelOf(shape, '#27272a')]
    }
    case 'text': {
      const fontSize = readAmount(map.get('fontSize')) || TEXT_FONT_SIZE
      return [{ ...base('text'), fontSize, originalText: textOf(map) }]
    }
    case 'pen': {
      const stroke = decodeStroke(map.get('points'), shape)
      return stroke ? [{ ...base('freedraw'), ...stroke, strokeWidth: 1 }] : []
    }
    case 'image': {
      const digest = map.get('digest')
      return typeof digest === 'string' ? [{ ...base('image'), fileId: digest }] : []
    }
    default:
      return []
  }
}

const textOf = (map: Y.Map<unknown>) => {
  const text = map.get('text')
  return text instanceof Y.Text ? text.toString() : ''
}

/** The text within a shape, in the middle. */
function labelOf(shape: Shape, color: string): ElementInput[] {
  const originalText = textOf(shape.map)
  if (originalText === '') return []
  const maxWidth = Math.max(1, shape.width - 2 * LABEL_PADDING)
  const { text, width, height } = estimateText(originalText, {
    fontSize: LABEL_FONT_SIZE,
    maxWidth,
  })
  return [
    {
      id: `${shape.id}-text`,
      type: 'text',
      x: shape.x + (shape.width - width) / 2,
      y: shape.y + (shape.height - height) / 2,
      width,
      height,
      text,
      originalText,
      fontSize: LABEL_FONT_SIZE,
      strokeColor: color,
      textAlign: 'center',
      verticalAlign: 'middle',
      containerId: shape.id,
      seed: seedOf(`${shape.id}-text`),
    },
  ]
}

/** Three numbers a point: steps from the point before, the first from the corner, and the pressure. */
function decodeStroke(value: unknown, shape: Shape) {
  if (!Array.isArray(value) || value.length < 3 || !value.every(Number.isFinite)) return undefined
  const steps: readonly number[] = value
  const at: Point[] = []
  const pressures: number[] = []
  let [x, y] = [0, 0]
  for (let i = 0; i + 2 < steps.length; i += 3) {
    x += (steps[i] ?? 0) / STEPS_PER_UNIT
    y += (steps[i + 1] ?? 0) / STEPS_PER_UNIT
    at.push([x, y])
    pressures.push((steps[i + 2] ?? 0) / PRESSURE_STEPS)
  }
  const scaleX = scaleOf(
    at.map(([x]) => x),
    shape.width,
  )
  const scaleY = scaleOf(
    at.map(([, y]) => y),
    shape.height,
  )
  const scaled = at.map(([x, y]) => [x * scaleX, y * scaleY] as const)
  const [left, top] = scaled[0] ?? [0, 0]
  return {
    x: shape.x + left,
    y: shape.y + top,
    points: scaled.map(([x, y]) => [x - left, y - top]),
    pressures,
    simulatePressure: false,
  }
}

/** Strokes were resized by the size of their box alone. */
function scaleOf(coordinates: readonly number[], size: number): number {
  const extent = coordinates.reduce((most, coordinate) => Math.max(most, coordinate), 0)
  return extent > 0 && size > 0 ? size / extent : 1
}
