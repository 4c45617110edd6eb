import type * as Y from 'yjs'

/** A replacement in a text: at an index, delete so many characters and insert others. */
export interface TextChange {
  at: number
  removed: number
  inserted: string
}

/** The single replacement that turns one text into another; undefined if they are equal. */
export function textChange(before: string, after: string): TextChange | undefined {
  if (before === after) return undefined
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  // Never split a surrogate pair: include the other half.
  if (start > 0 && isHighSurrogate(before.charCodeAt(start - 1))) start--
  if (end > 0 && isLowSurrogate(before.charCodeAt(before.length - end))) end--
  return {
    at: start,
    removed: before.length - start - end,
    inserted: after.slice(start, after.length - end),
  }
}

/** The caret position after a remote change of the text. */
export function moveCaret(caret: number, { at, removed, inserted }: TextChange): number {
  if (caret <= at) return caret
  if (caret >= at + removed) return caret - removed + inserted.length
  return at + inserted.length
}

/** Makes a Y.Text equal to `after` with a minimal change. */
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
