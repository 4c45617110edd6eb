import { generateNKeysBetween } from 'fractional-indexing'
import type { Shape } from './shape.ts'

type Ordered = Pick<Shape, 'id' | 'order'>

/** Lower in the pile first. Two people may give out the same key at a time: then the id decides. */
export function compareOrder(a: Ordered, b: Ordered): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** Keys for `count` shapes above all of `pile`, which is sorted. */
export function keysOnTop(pile: readonly Ordered[], count: number): string[] {
  return keysBetween(pile.at(-1)?.order, undefined, count)
}

/** Keys for `count` shapes below all of `pile`, which is sorted. */
export function keysAtBottom(pile: readonly Ordered[], count: number): string[] {
  return keysBetween(undefined, pile[0]?.order, count)
}

/** A key that is none, written by some other program, counts as no neighbour at all. */
function keysBetween(
  below: string | undefined,
  above: string | undefined,
  count: number,
): string[] {
  try {
    return generateNKeysBetween(below || null, above || null, count)
  } catch {
    return generateNKeysBetween(null, null, count)
  }
}
