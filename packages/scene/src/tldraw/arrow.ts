import type { ElementInput } from '../elements/element.ts'
import { seedOf } from '../elements/seed.ts'
import { isObject, type Point, readNumber } from '../elements/values.ts'
import { lineAt, type Place, pointAt } from './place.ts'
import { isBindable, labelOf, type ShapeContext, sizeOf } from './shapes.ts'
import type { Shape } from './store.ts'
import { arrowhead, strokeOf } from './styles.ts'

/** Between the end of an arrow and what it is bound to. */
const GAP = 4

/** An end of an arrow on the scene. */
interface Terminal {
  readonly at: Point
  readonly target?: { readonly shape: Shape; readonly place: Place } | undefined
}

/** An arrow: bound ends are where their shapes are, whatever the arrow says itself. */
export function convertArrow(
  arrow: Shape,
  context: ShapeContext,
  placeOf: (shape: Shape) => Place,
): ElementInput[] {
  const { id, props } = arrow
  const start = terminalOf(arrow, 'start', context, placeOf)
  const end = terminalOf(arrow, 'end', context, placeOf)
  const from = start.target ? edgeOf(start.target, { inside: start.at, outside: end.at }) : start.at
  const to = end.target ? edgeOf(end.target, { inside: end.at, outside: start.at }) : end.at
  const bend = props.kind === 'elbow' ? 0 : (readNumber(props.bend) ?? 0)
  const middle = bend === 0 ? [] : [bentMiddle(from, to, bend)]
  const line = lineAt({ at: [0, 0], angle: 0 }, [from, ...middle, to])
  const element = {
    ...context.common,
    ...strokeOf({ ...props, fill: 'none' }),
    id,
    type: 'arrow',
    ...line,
    roundness: bend === 0 ? null : { type: 2 },
    startArrowhead: arrowhead(props.arrowheadStart),
    endArrowhead: arrowhead(props.arrowheadEnd ?? 'arrow'),
    startBinding: bindingTo(start),
    endBinding: bindingTo(end),
    seed: seedOf(id),
  }
  const { width, height } = { width: Math.max(200, line.width), height: 0 }
  const center: Place = { at: [(from[0] + to[0] - width) / 2, (from[1] + to[1]) / 2], angle: 0 }
  return [
    element,
    ...labelOf(arrow, { ...context, place: center }, { width, height, containerId: id }),
  ]
}

function bindingTo({ target }: Terminal) {
  if (!target || !isBindable(target.shape)) return null
  return { elementId: target.shape.id, focus: 0, gap: GAP }
}

function terminalOf(
  arrow: Shape,
  end: 'start' | 'end',
  { store, place }: ShapeContext,
  placeOf: (shape: Shape) => Place,
): Terminal {
  const binding = store.bindingOf(arrow, end)
  const shape = binding && store.shape(binding.toId)
  if (shape) {
    const target = { shape, place: placeOf(shape) }
    const anchor = isObject(binding.normalizedAnchor) ? binding.normalizedAnchor : {}
    const { width, height } = sizeOf(shape)
    const [x, y] = [readNumber(anchor.x) ?? 0.5, readNumber(anchor.y) ?? 0.5]
    return { at: pointAt(target.place, [x * width, y * height]), target }
  }
  const own = isObject(arrow.props[end]) ? arrow.props[end] : {}
  return { at: pointAt(place, [readNumber(own.x) ?? 0, readNumber(own.y) ?? 0]) }
}

/** Where the way from within a shape leaves it: arrows end there, and not at what they point to. */
function edgeOf(
  { shape, place }: { shape: Shape; place: Place },
  { inside, outside }: { inside: Point; outside: Point },
): Point {
  const { width, height } = sizeOf(shape)
  const own = toOwn(place, inside)
  const other = toOwn(place, outside)
  const [dx, dy] = [other[0] - own[0], other[1] - own[1]]
  const share = Math.min(
    dx === 0 ? 1 : ((dx > 0 ? width : 0) - own[0]) / dx,
    dy === 0 ? 1 : ((dy > 0 ? height : 0) - own[1]) / dy,
    1,
  )
  return pointAt(place, [own[0] + dx * Math.max(0, share), own[1] + dy * Math.max(0, share)])
}

/** A point of the scene as the shape sees it. */
function toOwn({ at, angle }: Place, point: Point): Point {
  const [x, y] = pointAt({ at: [0, 0], angle: -angle }, [point[0] - at[0], point[1] - at[1]])
  return [x, y]
}

function bentMiddle(from: Point, to: Point, bend: number): Point {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const length = Math.hypot(dx, dy) || 1
  return [
    (from[0] + to[0]) / 2 - (dy / length) * bend,
    (from[1] + to[1]) / 2 + (dx / length) * bend,
  ]
}
