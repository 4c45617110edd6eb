import * as Y from 'yjs'
import type { Box } from '../geometry/box.ts'
import { COLORS, type ColorName } from './palette.ts'

export const SHAPE_TYPES = ['rectangle', 'ellipse', 'sticky', 'text', 'pen', 'image'] as const

/** One of {@link SHAPE_TYPES}. */
export type ShapeType = (typeof SHAPE_TYPES)[number]

/** A shape as drawn: an immutable snapshot of its Y.Map. */
export interface Shape extends Box {
  readonly id: string
  readonly type: ShapeType
  readonly color: ColorName
  /** Its stacking order, see `order.ts`. */
  readonly order: string
  /** The text of the shape, or its label. */
  readonly text: string
  /** Only for type `text`, units of the board. */
  readonly fontSize: number
  /** Only for type `pen`, see `ink.ts`. */
  readonly points: readonly number[] | undefined
  /** Only for type `image`, the SHA-256 of the picture's file. */
  readonly digest: string | undefined
}

/** The Y.Map of a shape. Its text is a Y.Text, so that several people can edit it at the same time. */
export type ShapeMap = Y.Map<unknown>

export const DEFAULT_FONT_SIZE = 24

/** Coordinates beyond this are not a drawing, and a canvas does not render them well. */
const MAX_COORDINATE = 1e7

const DIGEST = /^[0-9a-f]{64}$/

/**
 * Reads a shape; undefined if the map is not a valid one. Any client may write to a document, and one
 * invalid shape must not hide the others.
 */
export function readShape(id: string, map: unknown): Shape | undefined {
  if (!(map instanceof Y.Map)) return undefined
  const type = SHAPE_TYPES.find((name) => name === map.get('type'))
  const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((name) => coordinate(map.get(name)))
  if (!type || x === undefined || y === undefined || !isSize(w) || !isSize(h)) return undefined
  const points = map.get('points')
  if (type === 'pen' && !isNumbers(points)) return undefined
  const digest = map.get('digest')
  if (type === 'image' && !isDigest(digest)) return undefined
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
    digest: type === 'image' ? (digest as string) : undefined,
  }
}

/** The properties of a new shape. */
export type NewShape = Box &
  Pick<Shape, 'type' | 'color'> &
  Partial<Pick<Shape, 'text' | 'fontSize' | 'points' | 'digest'>>

/** Creates the Y.Map of a new shape. */
export function writeShape(shape: NewShape, order: string): ShapeMap {
  const { type, x, y, w, h, color, text = '', fontSize, points, digest } = shape
  const map: ShapeMap = new Y.Map<unknown>(Object.entries({ type, x, y, w, h, color, order }))
  if (type === 'pen') map.set('points', points ?? [])
  else if (type === 'image') map.set('digest', digest)
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

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value)
}

/** Whether it has text of its own, or a label. */
export function hasText({ type }: Pick<Shape, 'type'>): boolean {
  return type !== 'pen' && type !== 'image'
}
