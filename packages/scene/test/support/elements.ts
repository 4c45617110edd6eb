import fc from 'fast-check'
import { generateNKeysBetween } from 'fractional-indexing'
import type { ElementType, SceneElement } from '../../src/index.ts'

/** Coordinates as a pointer gives them, and some that floats hold exactly. */
const coordinate = fc
  .oneof(fc.double({ min: -1e5, max: 1e5, noNaN: true }), fc.integer({ min: -1000, max: 1000 }))
  // JSON knows no -0.
  .map((value) => value || 0)
const size = fc.double({ min: 1, max: 2000, noNaN: true })
const point = fc.tuple(coordinate, coordinate)
const color = fc.constantFrom('#1e1e1e', 'transparent', '#e03131', '#a5d8ff', 'hsl(1 2% 3%)')
const words = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', '\n', '👍', '👎', '界', 'é', '"'),
  maxLength: 40,
})
const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'))
  .map((value) => JSON.parse(JSON.stringify(value)))
const arrowhead = fc.constantFrom(null, 'arrow', 'bar', 'dot', 'triangle_outline', 'crowfoot_many')

/** What all elements have, of Excalidraw 0.18. */
const common = {
  x: coordinate,
  y: coordinate,
  width: size,
  height: size,
  angle: fc.constantFrom(0, 0.5, Math.PI, 6.1),
  strokeColor: color,
  backgroundColor: color,
  fillStyle: fc.constantFrom('solid', 'hachure', 'cross-hatch', 'zigzag'),
  strokeWidth: fc.constantFrom(0.5, 1, 2, 4),
  strokeStyle: fc.constantFrom('solid', 'dashed', 'dotted'),
  roughness: fc.constantFrom(0, 1, 2),
  opacity: fc.integer({ min: 0, max: 100 }),
  roundness: fc.constantFrom(null, { type: 2 }, { type: 3 }, { type: 3, value: 12 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  groupIds: fc.array(fc.constantFrom('group-1', 'group-2', 'group-3'), { maxLength: 3 }),
  link: fc.constantFrom(null, 'https://example.com/?a=1'),
  locked: fc.boolean(),
}

const linear = {
  points: fc.array(point, { minLength: 1, maxLength: 8 }).map((points) => [[0, 0], ...points]),
  startArrowhead: arrowhead,
}

/** What elements have by their type. */
const byType: Record<ElementType, Record<string, fc.Arbitrary<unknown>>> = {
  rectangle: {},
  diamond: {},
  ellipse: {},
  embeddable: {},
  iframe: {},
  frame: { name: fc.constantFrom(null, 'Plan') },
  magicframe: { name: fc.constantFrom(null, 'Magic') },
  text: {
    originalText: words,
    fontSize: fc.constantFrom(16, 20, 28, 36.5),
    fontFamily: fc.constantFrom(1, 2, 3, 5, 6, 7, 8),
    textAlign: fc.constantFrom('left', 'center', 'right'),
    verticalAlign: fc.constantFrom('top', 'middle', 'bottom'),
    autoResize: fc.boolean(),
    lineHeight: fc.constantFrom(1.2, 1.25, 1.35),
  },
  line: { ...linear, endArrowhead: arrowhead },
  arrow: { ...linear, endArrowhead: arrowhead, elbowed: fc.boolean() },
  freedraw: {
    points: fc.array(point, { minLength: 1, maxLength: 40 }),
    pressures: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
    simulatePressure: fc.boolean(),
  },
  image: {
    fileId: fc.constantFrom(null, 'file-1', 'file-2'),
    scale: fc.constantFrom([1, 1], [-1, 1]),
    crop: fc.constantFrom(null, {
      x: 1,
      y: 2,
      width: 30,
      height: 40,
      naturalWidth: 300,
      naturalHeight: 400,
    }),
  },
}

export const ELEMENT_TYPES = Object.keys(byType) as ElementType[]

type Raw = Record<string, unknown> & { id: string; type: ElementType }

/** An element by itself, bound to nothing. */
export function elementOf(type: ElementType): fc.Arbitrary<SceneElement> {
  const own = fc.record({ ...common, ...byType[type] } as Record<string, fc.Arbitrary<unknown>>)
  const extra = fc.record(
    { customData: fc.dictionary(fc.constantFrom('a', 'b'), json) },
    { requiredKeys: [] },
  )
  return fc
    .record({ own, extra, id: fc.uuid() })
    .map(({ own, extra, id }) => whole({ ...own, ...extra, id, type }))
}

/** A whole scene in its order, in which arrows, labels and frames belong together. */
export const sceneOf: fc.Arbitrary<SceneElement[]> = fc
  .array(
    fc.record({
      element: fc.constantFrom(...ELEMENT_TYPES).chain(elementOf),
      picks: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    }),
    { maxLength: 20 },
  )
  .map((drawn) => {
    const keys = generateNKeysBetween(null, null, drawn.length)
    const elements = drawn.map(
      ({ element }, i) => ({ ...element, index: keys[i] }) as unknown as Raw,
    )
    for (const [i, { picks }] of drawn.entries()) bind(elements, i, picks)
    return elements.map((element) => ({
      ...element,
      boundElements: boundTo(element.id, elements),
    })) as unknown as SceneElement[]
  })

function whole(raw: Raw): SceneElement {
  return {
    ...raw,
    ...((raw.type === 'line' || raw.type === 'arrow') && extentOf(raw.points as number[][])),
    index: null,
    frameId: null,
    boundElements: null,
    isDeleted: false,
    version: 1,
    versionNonce: 0,
    updated: 1,
    ...(raw.type === 'text' && { text: raw.originalText, containerId: null }),
    ...(raw.type === 'image' && { status: raw.fileId === null ? 'pending' : 'saved' }),
    ...((raw.type === 'line' || raw.type === 'arrow') && { startBinding: null, endBinding: null }),
    ...('points' in raw && { lastCommittedPoint: null }),
  } as unknown as SceneElement
}

/** Lines are as large as their points reach. */
function extentOf(points: number[][]) {
  const [xs, ys] = [0, 1].map((at) => points.map((point) => point[at] as number)) as [
    number[],
    number[],
  ]
  return { width: Math.max(...xs) - Math.min(...xs), height: Math.max(...ys) - Math.min(...ys) }
}

const CONTAINERS = ['rectangle', 'diamond', 'ellipse', 'arrow']

function bind(elements: Raw[], place: number, [a = 0, b = 0, c = 0, d = 0]: number[]): void {
  const element = elements[place] as Raw
  const pick = (from: Raw[], at: number) => (at % 3 === 0 ? undefined : from[at % from.length])
  const others = elements.filter(({ id }) => id !== element.id)
  const binding = (at: number) => {
    const target = pick(others, at)
    const fixedPoint = element.elbowed === true && { fixedPoint: [0.25, 1] }
    return target ? { elementId: target.id, focus: 0.25, gap: 4.5, ...fixedPoint } : null
  }
  if (element.type === 'arrow')
    Object.assign(element, { startBinding: binding(a), endBinding: binding(b) })
  const isTaken = (id: string) => elements.some((other) => other.containerId === id)
  const free = others.filter(({ type, id }) => CONTAINERS.includes(type) && !isTaken(id))
  if (element.type === 'text') element.containerId = pick(free, c)?.id ?? null
  const frames = others.filter(({ type }) => type === 'frame')
  if (element.type !== 'frame') element.frameId = pick(frames, d)?.id ?? null
}

function boundTo(id: string, elements: Raw[]): SceneElement['boundElements'] {
  const label = elements.find(({ containerId }) => containerId === id)
  const arrows = elements.filter(({ startBinding, endBinding }) =>
    [startBinding, endBinding].some(
      (end) => (end as { elementId: string } | null)?.elementId === id,
    ),
  )
  const bound = [
    ...(label ? [{ id: label.id, type: 'text' as const }] : []),
    ...arrows.map((arrow) => ({ id: arrow.id, type: 'arrow' as const })),
  ]
  return bound.length > 0 ? bound : null
}
