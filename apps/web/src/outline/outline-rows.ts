import type { OutlineEntry } from '@mindfuse/scene'

/** An entry where it is in the tree. */
export interface OutlineRow {
  readonly entry: OutlineEntry
  /** 2 within a frame. */
  readonly level: 1 | 2
  /** Its number among those beside it, from 1, and how many these are. */
  readonly position: number
  readonly count: number
}

/** The rows of a tree. */
export function outlineRows(entries: readonly OutlineEntry[]): OutlineRow[] {
  const counts = new Map<string | null, number>()
  const counted = entries.map((entry) => {
    const position = (counts.get(entry.frameId) ?? 0) + 1
    counts.set(entry.frameId, position)
    return { entry, position }
  })
  return counted.map(({ entry, position }) => ({
    entry,
    position,
    level: entry.frameId === null ? 1 : 2,
    count: counts.get(entry.frameId) ?? 0,
  }))
}

/** By how many rows a key moves. */
const STEPS: Partial<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/**
 * Where a key leads to from a row; undefined for keys that do not move.
 *
 * @param page rows that are seen at a time
 */
export function rowAfterKey(
  key: string,
  at: number,
  rows: readonly OutlineRow[],
  page: number,
): number | undefined {
  if (key === 'ArrowLeft') return frameOf(at, rows)
  if (key === 'ArrowRight')
    return rows[at + 1]?.entry.frameId === rows[at]?.entry.element.id ? at + 1 : at
  const step = key === 'PageDown' ? page : key === 'PageUp' ? -page : STEPS[key]
  return step === undefined ? undefined : clamp(at + step, rows.length)
}

/** The row of the frame that a row is in, or else that row. */
function frameOf(at: number, rows: readonly OutlineRow[]): number {
  const frameId = rows[at]?.entry.frameId ?? null
  const frame = rows.findIndex(({ entry }) => entry.element.id === frameId)
  return frame < 0 ? at : frame
}

/**
 * Where a row is that may have moved, or else, where it is gone, the one that took its place.
 *
 * @param before where it was
 */
export function rowOf(id: string | undefined, before: number, rows: readonly OutlineRow[]): number {
  const now = rows.findIndex(({ entry }) => entry.element.id === id)
  return now < 0 ? clamp(before, rows.length) : now
}

function clamp(at: number, length: number): number {
  return Math.max(0, Math.min(at, length - 1))
}
