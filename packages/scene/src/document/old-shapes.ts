import * as Y from 'yjs'
import type { ElementInput } from '../elements/element.ts'
import { lookUp } from '../elements/look-up.ts'
import { readOrderKey } from '../elements/order.ts'
import { seedOf } from '../elements/seed.ts'
import { type Point, readAmount, readCoordinate, readId } from '../elements/values.ts'
import { estimateText } from '../measure/layout.ts'
import type { SceneRoots } from './roots.ts'
import { readFile, type SceneFile } from './scene-file.ts'

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
  readonly map: Y.Map<unknown>
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** The key of its place in the order; the label's is directly above. */
  readonly index: string | undefined
}

const LABEL = '-text'

/** Directly above the key of a shape, and below all that were made for what is above it. */
const ABOVE = '0V'

/** The ids of the elements that a shape is shown as: its own, and that of its label. */
export const idsOfShape = (id: string) => [id, `${id}${LABEL}`] as const

/** The shape that is shown as an element of this id, or as one more. */
export function shapeBehind({ shapes }: SceneRoots, id: string): string | undefined {
  if (shapes.size === 0) return undefined
  const labelled = id.endsWith(LABEL) ? id.slice(0, -LABEL.length) : id
  return [id, labelled].find((shapeId) => shapes.has(shapeId))
}

/**
 * What the web app drew before it took Excalidraw, `doc.getMap('shapes')`, as an element. It is the same for
 * everybody: ids and places stay, and nothing is drawn by lot.
 *
 * @returns undefined where there is no such shape
 */
export function elementOfShape(roots: SceneRoots, id: string): ElementInput | undefined {
  const shapeId = shapeBehind(roots, id)
  if (shapeId === undefined) return undefined
  const shape = readShape(shapeId, roots.shapes.get(shapeId))
  if (!shape) return undefined
  return shapeId === id ? bodyOf(shape) : labelOf(shape)
}

/** The file of a picture: its id is its digest. The server tells the type of a file by its content. */
export function fileOfShape(id: unknown): SceneFile | undefined {
  return readFile({ digest: id, mimeType: 'image/png' })
}

function readShape(id: string, map: unknown): Shape | undefined {
  if (!(map instanceof Y.Map) || readId(id) === undefined) return undefined
  const [x, y] = [readCoordinate(map.get('x')), readCoordinate(map.get('y'))]
  const [width, height] = [readAmount(map.get('w')), readAmount(map.get('h'))]
  if (x === undefined || y === undefined || width === undefined || height === undefined)
    return undefined
  return { id, map, x, y, width, height, index: readOrderKey(map.get('order')) }
}

function bodyOf(shape: Shape): ElementInput | undefined {
  const { id, map, x, y, width, height, index } = shape
  const [strokeColor, backgroundColor, paper] = coloursOf(map)
  const base = { id, x, y, width, height, index, strokeColor, seed: seedOf(id), roughness: 0 }
  const corners = { roundness: { type: 3 } }
  switch (map.get('type')) {
    case 'rectangle':
      return { ...base, type: 'rectangle', ...corners, backgroundColor }
    case 'ellipse':
      return { ...base, type: 'ellipse', backgroundColor }
    case 'sticky':
      return { ...base, type: 'rectangle', strokeColor: 'transparent', backgroundColor: paper }
    case 'text': {
      const fontSize = readAmount(map.get('fontSize')) || TEXT_FONT_SIZE
      return { ...base, type: 'text', fontSize, originalText: textOf(map) }
    }
    case 'pen': {
      const stroke = decodeStroke(map.get('points'), shape)
      return stroke && { ...base, type: 'freedraw', ...stroke, strokeWidth: 1 }
    }
    case 'image': {
      const file = fileOfShape(map.get('digest'))
      return file && { ...base, type: 'image', fileId: file.digest }
    }
    default:
      return undefined
  }
}

const coloursOf = (map: Y.Map<unknown>) => lookUp(COLORS, map.get('color')) ?? INK

const textOf = (map: Y.Map<unknown>) => {
  const text = map.get('text')
  return text instanceof Y.Text ? text.toString() : ''
}

/** The text within a shape, in the middle. */
function labelOf({ map, index, ...shape }: Shape): ElementInput | undefined {
  const originalText = textOf(map)
  const type = map.get('type')
  const isLabelled = type === 'rectangle' || type === 'ellipse' || type === 'sticky'
  if (!isLabelled || originalText === '') return undefined
  const maxWidth = Math.max(1, shape.width - 2 * LABEL_PADDING)
  const { text, width, height } = estimateText(originalText, {
    fontSize: LABEL_FONT_SIZE,
    maxWidth,
  })
  const [, id] = idsOfShape(shape.id)
  const [line] = type === 'sticky' ? INK : coloursOf(map)
  return {
    id,
    type: 'text',
    x: shape.x + (shape.width - width) / 2,
    y: shape.y + (shape.height - height) / 2,
    width,
    height,
    text,
    originalText,
    index: index && readOrderKey(`${index}${ABOVE}`),
    fontSize: LABEL_FONT_SIZE,
    strokeColor: line,
    textAlign: 'center',
    verticalAlign: 'middle',
    containerId: shape.id,
    seed: seedOf(id),
  }
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
