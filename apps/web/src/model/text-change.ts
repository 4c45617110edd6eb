import type * as Y from 'yjs'

/** What of a text is another now: at a place, so much gone and this put in. */
export interface TextChange {
  at: number
  removed: number
  inserted: string
}

/** The one change that leads from a text to another; undefined where they are the same. */
export function textChange(before: string, after: string): TextChange | undefined {
  if (before === after) return undefined
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  // Half of a surrogate pair is no character: take in the other half.
  if (start > 0 && isHighSurrogate(before.charCodeAt(start - 1))) start--
  if (end > 0 && isLowSurrogate(before.charCodeAt(before.length - end))) end--
  return {
    at: start,
    removed: before.length - start - end,
    inserted: after.slice(start, after.length - end),
  }
}

/** Where a caret comes to stand when somebody else changes the text. */
export function moveCaret(caret: number, { at, removed, inserted }: TextChange): number {
  if (caret <= at) return caret
  if (caret >= at + removed) return caret - removed + inserted.length
  return at + inserted.length
}

/** Brings a Y.Text to hold `after`, touching only what is another. */
export function applyText(text: Y.Text, after: string): void {
  const change = textChange(text.toString(), after)
  if (!change) return
  if (change.removed > 0) text.delete(change.at, change.removed)
  if (change.inserted) text.insert(change.at, change.inserted)
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
