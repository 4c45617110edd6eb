import type { DraftAppend, DraftChange, WholeDraft } from './drafts.ts'

/**
 * Makes one change of two: what a gateway sends of a draft that changed again before it was sent, and the
 * draft that a reader has after a change. An append to another version changes nothing.
 *
 * @example
 * ```ts
 * const stroke = { id: 'stroke', version: 1, value: { color: 'red', points: [[0, 0]] } }
 * show(mergeDraftChanges(stroke, { id: 'stroke', from: 1, version: 2, append: { points: [[3, 4]] } }))
 * ```
 */
export function mergeDraftChanges(earlier: WholeDraft, later: DraftAppend): WholeDraft
export function mergeDraftChanges(earlier: DraftChange, later: DraftChange): DraftChange
export function mergeDraftChanges(earlier: DraftChange, later: DraftChange): DraftChange {
  if (!('append' in later)) return later
  if ('ended' in earlier || earlier.version !== later.from) return earlier
  const { version, append } = later
  return 'append' in earlier
    ? { ...earlier, version, append: appendTo(earlier.append, append) }
    : { ...earlier, version, value: appendTo(earlier.value, append) }
}

/** A copy of an object with items appended to arrays of it; what is no array is replaced by one. */
function appendTo(value: unknown, append: DraftAppend['append']): DraftAppend['append'] {
  const known = new Map(Object.entries(typeof value === 'object' && value ? value : {}))
  for (const [name, items] of Object.entries(append)) {
    const before = known.get(name)
    known.set(name, Array.isArray(before) ? [...before, ...items] : items)
  }
  return Object.fromEntries(known)
}
