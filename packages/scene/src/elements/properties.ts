import {
  MAX_FONT_SIZE,
  MAX_LINE_HEIGHT,
  MAX_POINTS,
  MAX_ROUGHNESS,
  MAX_STROKE_WIDTH,
  MAX_TEXT_LENGTH,
} from '../limits.ts'
import { readOrderKey } from './order.ts'
import {
  amountUpTo,
  listOf,
  objectOf,
  oneOf,
  orNull,
  type Point,
  type Reader,
  readAmount,
  readBoolean,
  readCoordinate,
  readId,
  readLink,
  readNumber,
  readPlainObject,
  readPoint,
  readPoints,
  readString,
} from './values.ts'

/** A property of elements. */
export interface Property<Value> {
  readonly read: Reader<Value>
  /**
   * What it is where it is absent or invalid, the same as Excalidraw's own `restoreElements` takes. Not stored
   * with a new element. Without one, an element that lacks the property is not shown.
   */
  readonly fallback?: Value
}

const property = <Value>(read: Reader<Value>, fallback: Value): Property<Value> => ({
  read,
  fallback,
})
const required = <Value>(read: Reader<Value>): Property<Value> => ({ read })

/** The text of one element. */
export const readText: Reader<string> = (value) =>
  typeof value === 'string' && value.length <= MAX_TEXT_LENGTH ? value : undefined

/** The end of an arrow that is bound to an element. */
export interface Binding {
  readonly elementId: string
  readonly focus: number
  readonly gap: number
  /** Where on the element, 0 to 1 in both directions; elbow arrows have one. */
  readonly fixedPoint?: Point | null
}

const readLine: Reader<readonly Point[]> = (value) => atLeast(2, readPoints(value))
const readStroke: Reader<readonly Point[]> = (value) => atLeast(1, readPoints(value))

const atLeast = (length: number, points: readonly Point[] | undefined) =>
  points && points.length >= length ? points : undefined

const readBinding = objectOf({ elementId: readId }) as Reader<Binding>

/** A part of an elbow arrow that somebody put in place. */
const readSegment = objectOf({ start: readPoint, end: readPoint, index: readAmount })

const ARROWHEADS = [
  'arrow',
  'bar',
  'dot',
  'circle',
  'circle_outline',
  'triangle',
  'triangle_outline',
  'diamond',
  'diamond_outline',
  'crowfoot_one',
  'crowfoot_many',
  'crowfoot_one_or_many',
] as const

const arrowhead = (fallback: (typeof ARROWHEADS)[number] | null) =>
  property<(typeof ARROWHEADS)[number] | null>(orNull(oneOf(ARROWHEADS)), fallback)

/** What every element has, besides its id and type. */
export const COMMON = {
  /** Its place in the stack, see {@link readOrderKey}. */
  index: property<string | null>(orNull(readOrderKey), null),
  x: required(readCoordinate),
  y: required(readCoordinate),
  width: property(readCoordinate, 0),
  height: property(readCoordinate, 0),
  /** Radians, clockwise, around the centre. */
  angle: property(readCoordinate, 0),
  strokeColor: property(readString, '#1e1e1e'),
  backgroundColor: property(readString, 'transparent'),
  fillStyle: property(oneOf(['solid', 'hachure', 'cross-hatch', 'zigzag']), 'solid'),
  strokeWidth: property(amountUpTo(MAX_STROKE_WIDTH), 2),
  strokeStyle: property(oneOf(['solid', 'dashed', 'dotted']), 'solid'),
  roughness: property(amountUpTo(MAX_ROUGHNESS), 1),
  opacity: property(readAmount, 100),
  roundness: property<{ readonly type: number; readonly value?: number } | null>(
    orNull(objectOf({ type: readNumber })),
    null,
  ),
  /** What makes the hand-drawn lines of an element the same for everybody. */
  seed: property(readNumber, 1),
  /** The innermost first. */
  groupIds: property<readonly string[]>(listOf(readId), []),
  frameId: property<string | null>(orNull(readId), null),
  link: property<string | null>(orNull(readLink), null),
  locked: property(readBoolean, false),
  customData: property<Readonly<Record<string, unknown>> | undefined>(readPlainObject, undefined),
} as const

const LINEAR = {
  points: required(readLine),
  startBinding: property<Binding | null>(orNull(readBinding), null),
  endBinding: property<Binding | null>(orNull(readBinding), null),
  startArrowhead: arrowhead(null),
} as const

const FRAME = { name: property<string | null>(orNull(readString), null) } as const

/** What elements have by their type. */
export const BY_TYPE = {
  rectangle: {},
  diamond: {},
  ellipse: {},
  embeddable: {},
  iframe: {},
  frame: FRAME,
  magicframe: FRAME,
  text: {
    /** As it is laid out, with the line breaks that its width makes. */
    text: property(readText, ''),
    /** As it was written. */
    originalText: property(readText, ''),
    fontSize: property(amountUpTo(MAX_FONT_SIZE), 20),
    fontFamily: property(readNumber, 5),
    textAlign: property(oneOf(['left', 'center', 'right']), 'left'),
    verticalAlign: property(oneOf(['top', 'middle', 'bottom']), 'top'),
    containerId: property<string | null>(orNull(readId), null),
    autoResize: property(readBoolean, true),
    lineHeight: property(amountUpTo(MAX_LINE_HEIGHT), 1.25),
  },
  line: { ...LINEAR, endArrowhead: arrowhead(null) },
  arrow: {
    ...LINEAR,
    endArrowhead: arrowhead('arrow'),
    elbowed: property(readBoolean, false),
    fixedSegments: property<
      readonly { start: Point; end: Point; index: number }[] | null | undefined
    >(orNull(listOf(readSegment)), undefined),
    startIsSpecial: property<boolean | null | undefined>(orNull(readBoolean), undefined),
    endIsSpecial: property<boolean | null | undefined>(orNull(readBoolean), undefined),
  },
  freedraw: {
    points: required(readStroke),
    pressures: property<readonly number[]>(listOf(readNumber, MAX_POINTS), []),
    simulatePressure: property(readBoolean, false),
  },
  image: {
    fileId: property<string | null>(orNull(readId), null),
    scale: property<readonly [number, number]>(readPoint, [1, 1]),
    crop: property<{
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
      readonly naturalWidth: number
      readonly naturalHeight: number
    } | null>(
      orNull(
        objectOf({
          x: readCoordinate,
          y: readCoordinate,
          width: readCoordinate,
          height: readCoordinate,
          naturalWidth: readCoordinate,
          naturalHeight: readCoordinate,
        }),
      ),
      null,
    ),
  },
} as const

/** What kinds of elements there are. */
export type ElementType = keyof typeof BY_TYPE

/** All properties of a type, by name; undefined for a type that is not known. */
export function propertiesOf(type: unknown): ReadonlyMap<string, Property<unknown>> | undefined {
  return PROPERTIES.get(type as ElementType)
}

const PROPERTIES = new Map(
  Object.entries(BY_TYPE).map(([type, own]) => [
    type as ElementType,
    new Map<string, Property<unknown>>(Object.entries({ ...COMMON, ...own })),
  ]),
)

/** What a reader of the scene works out, and the document does not hold: see ADR 0080. */
const DERIVED: ReadonlySet<string> = new Set([
  'id',
  'version',
  'versionNonce',
  'updated',
  'isDeleted',
  'boundElements',
  'lastCommittedPoint',
  'status',
  'originalText',
])

/** Whether the map of an element holds a property of this name; its readers work out all others. */
export function isStored(name: string): boolean {
  return !DERIVED.has(name) && readId(name) !== undefined
}

/**
 * What places the points of a line: two people who change it at a time would get a shape that neither has drawn,
 * if each of these came from another.
 */
export const POINT_GEOMETRY: readonly string[] = [
  'points',
  'x',
  'y',
  'width',
  'height',
  'pressures',
  'fixedSegments',
  'startIsSpecial',
  'endIsSpecial',
]
