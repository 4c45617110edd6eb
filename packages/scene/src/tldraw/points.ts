import { isObject, type Point, readNumber } from '../elements/values.ts'
import { parseBase64 } from '../excalidraw/data-url.ts'

/** A point of a stroke with its pressure, 0 to 1. */
export interface StrokePoint {
  readonly point: Point
  readonly pressure: number
}

/** Bytes of a first point, three floats of 32 bits, and of those after it, three of 16. */
const FIRST_BYTES = 12
const NEXT_BYTES = 6

const DEFAULT_PRESSURE = 0.5

/** The points of a stroke's segments, in any of the ways in which tldraw has written them. */
export function readSegments(segments: unknown): StrokePoint[] {
  if (!Array.isArray(segments)) return []
  return segments.flatMap((segment: unknown) => {
    if (!isObject(segment)) return []
    if (typeof segment.path === 'string') return decodeSteps(segment.path)
    if (typeof segment.points === 'string') return decodePoints(segment.points)
    return Array.isArray(segment.points) ? segment.points.flatMap(readPoint) : []
  })
}

function readPoint(value: unknown): StrokePoint[] {
  if (!isObject(value)) return []
  const [x, y] = [readNumber(value.x), readNumber(value.y)]
  if (x === undefined || y === undefined) return []
  return [{ point: [x, y], pressure: readNumber(value.z) ?? DEFAULT_PRESSURE }]
}

/** Base64 of a point, and of the steps to each next one. */
function decodeSteps(text: string): StrokePoint[] {
  const bytes = parseBase64(text)
  if (!bytes || bytes.length < FIRST_BYTES) return []
  const view = new DataView(bytes.buffer)
  let [x, y, z] = [0, 4, 8].map((at) => view.getFloat32(at, true)) as [number, number, number]
  const points: StrokePoint[] = [{ point: [x, y], pressure: z }]
  for (let at = FIRST_BYTES; at + NEXT_BYTES <= bytes.length; at += NEXT_BYTES) {
    x += readFloat16(view, at)
    y += readFloat16(view, at + 2)
    z += readFloat16(view, at + 4)
    points.push({ point: [x, y], pressure: z })
  }
  return points.filter(isFinitePoint)
}

/** Base64 of points, each by itself. */
function decodePoints(text: string): StrokePoint[] {
  const bytes = parseBase64(text)
  if (!bytes) return []
  const view = new DataView(bytes.buffer)
  const points: StrokePoint[] = []
  for (let at = 0; at + NEXT_BYTES <= bytes.length; at += NEXT_BYTES) {
    const point = [readFloat16(view, at), readFloat16(view, at + 2)] as const
    points.push({ point, pressure: readFloat16(view, at + 4) })
  }
  return points.filter(isFinitePoint)
}

const isFinitePoint = ({ point, pressure }: StrokePoint) =>
  [...point, pressure].every(Number.isFinite)

/** IEEE 754 of 16 bits, little-endian: `DataView` has it from Node 24 on. */
function readFloat16(view: DataView, at: number): number {
  const bits = view.getUint16(at, true)
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
