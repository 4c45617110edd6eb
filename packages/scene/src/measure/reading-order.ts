import type { Bounds } from './bounds.ts'

/**
 * Things in the order in which they are read: row by row, from left to right. What begins above the middle of all that
 * is in a row is in that row.
 */
export function inReadingOrder<Thing>(
  things: readonly Thing[],
  boundsOf: (thing: Thing) => Bounds,
): Thing[] {
  const placed = things.map((thing) => ({ thing, bounds: boundsOf(thing) }))
  const rows: (typeof placed)[] = []
  let middle = Number.NEGATIVE_INFINITY
  for (const item of placed.toSorted((a, b) => a.bounds.y - b.bounds.y)) {
    const { y, height } = item.bounds
    const row = y < middle ? rows.at(-1) : undefined
    middle = row ? Math.min(middle, y + height / 2) : y + height / 2
    if (row) row.push(item)
    else rows.push([item])
  }
  return rows
    .flatMap((row) => row.sort((a, b) => a.bounds.x - b.bounds.x))
    .map(({ thing }) => thing)
}
