import { generateNKeysBetween } from 'fractional-indexing'
import type { Shape } from './shape.ts'

type Ordered = Pick<Shape, 'id' | 'order'>

/** Bottom first. Two clients may assign the same key concurrently: then the id decides. */
export function compareOrder(a: Ordered, b: Ordered): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** Keys for `count` shapes above all of `stack`, which is sorted. */
export function keysOnTop(stack: readonly Ordered[], count: number): string[] {
  return keysBetween(stack.at(-1)?.order, undefined, count)
}

/** Keys for `count` shapes below all of `stack`, which is sorted. */
export function keysAtBottom(stack: readonly Ordered[], count: number): string[] {
  return keysBetween(undefined, stack[0]?.order, count)
}

/** An invalid key, written by some other client, counts as no neighbour. */
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
