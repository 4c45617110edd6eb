/** A replacement in a text: at an index, so many UTF-16 code units go and others come. */
export interface TextChange {
  readonly at: number
  readonly removed: number
  readonly inserted: string
}

/** The one replacement that turns a text into another; undefined where they are the same. */
export function textChange(before: string, after: string): TextChange | undefined {
  if (before === after) return undefined
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  // Half of a surrogate pair is no character: the other half goes with it.
  if (start > 0 && isHighSurrogate(before.charCodeAt(start - 1))) start--
  if (end > 0 && isLowSurrogate(before.charCodeAt(before.length - end))) end--
  return {
    at: start,
    removed: before.length - start - end,
    inserted: after.slice(start, after.length - end),
  }
}

/** Where a change is in a text that another change was made to since. */
export function rebase(change: TextChange, since: TextChange | undefined): TextChange {
  if (!since) return change
  const at = moved(change.at, since)
  const end = moved(change.at + change.removed, since)
  return { ...change, at, removed: Math.max(0, end - at) }
}

/** Where a place in a text is after a change: one within what was removed is before what came instead. */
function moved(place: number, { at, removed, inserted }: TextChange): number {
  if (place <= at) return place
  if (place < at + removed) return at
  return place - removed + inserted.length
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000
