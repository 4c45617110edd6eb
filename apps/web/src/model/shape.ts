import * as Y from 'yjs'
import type { Box } from '../geometry/box.ts'
import { COLORS, type ColorName } from './palette.ts'

export const SHAPE_TYPES = ['rectangle', 'ellipse', 'sticky', 'text', 'pen'] as const

/** One of {@link SHAPE_TYPES}. */
export type ShapeType = (typeof SHAPE_TYPES)[number]

/** A shape as it is drawn: a copy of what its Y.Map holds at a moment, never changed. */
export interface Shape extends Box {
  readonly id: string
  readonly type: ShapeType
  readonly color: ColorName
  /** Its place in the pile, see `order.ts`. */
  readonly order: string
  /** What stands in it, or what it is. */
  readonly text: string
  /** Of type `text` only, units of the board. */
  readonly fontSize: number
  /** Of type `pen` only, see `ink.ts`. */
  readonly points: readonly number[] | undefined
}

/** A shape's map in the document. Its text is a Y.Text, so that two people may write at a time. */
export type ShapeMap = Y.Map<unknown>

export const DEFAULT_FONT_SIZE = 24

/** Coordinates beyond this are nobody's drawing, and no canvas draws them well. */
const MAX_COORDINATE = 1e7

/**
 * A map as a shape; undefined where it is none. Anybody's program may write to a document, and one
 * odd shape must not keep the others from being seen.
 */
export function readShape(id: string, map: unknown): Shape | undefined {
  if (!(map instanceof Y.Map)) return undefined
  const type = SHAPE_TYPES.find((name) => name === map.get('type'))
  const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((name) => coordinate(map.get(name)))
  if (!type || x === undefined || y === undefined || !isSize(w) || !isSize(h)) return undefined
  const points = map.get('points')
  if (type === 'pen' && !isNumbers(points)) return undefined
  const fontSize = coordinate(map.get('fontSize'))
  return {
    id,
    type,
    x,
    y,
    w,
    h,
    color: COLORS.find((name) => name === map.get('color')) ?? 'ink',
    order: typeof map.get('order') === 'string' ? (map.get('order') as string) : '',
    text: map.get('text') instanceof Y.Text ? String(map.get('text')) : '',
    fontSize: isSize(fontSize) && fontSize > 0 ? fontSize : DEFAULT_FONT_SIZE,
    points: type === 'pen' ? (points as number[]) : undefined,
  }
}

/** What a new shape is made of. */
export type NewShape = Box &
  Pick<Shape, 'type' | 'color'> &
  Partial<Pick<Shape, 'text' | 'fontSize' | 'points'>>

/** The map of a new shape. */
export function writeShape(shape: NewShape, order: string): ShapeMap {
  const { type, x, y, w, h, color, text = '', fontSize, points } = shape
  const map: ShapeMap = new Y.Map<unknown>(Object.entries({ type, x, y, w, h, color, order }))
  if (type === 'pen') map.set('points', points ?? [])
  else map.set('text', new Y.Text(text))
  if (type === 'text') map.set('fontSize', fontSize ?? DEFAULT_FONT_SIZE)
  return map
}

function coordinate(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= MAX_COORDINATE ? value : undefined
}

function isSize(value: number | undefined): value is number {
  return value !== undefined && value >= 0
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length >= 3 && value.every(Number.isFinite)
}
