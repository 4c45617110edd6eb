import type { UpdateSummary } from '@mindfuse/protocol'
import { type Section, sectionFrom, writeUpdate } from './struct-run.ts'

/**
 * The part of an update, which leaves no gap, that is new at a state vector. Deletes stay as they
 * are. Costs the size of the new part, whereas `Y.diffUpdate` builds every struct of the update.
 */
export function trimUpdate(
  update: Uint8Array,
  summary: UpdateSummary,
  stateVector: ReadonlyMap<number, number>,
): Uint8Array {
  const sections: Section[] = []
  for (const range of summary.ranges) {
    const known = stateVector.get(range.client) ?? 0
    if (known >= range.to) continue
    // Gaps in the range lie before the new part: skipping over them treats them like structs.
    const section = sectionFrom([{ ...range, bytes: update }], known)
    if (section) sections.push(section)
  }
  return writeUpdate(sections, update.subarray(summary.deletesStart))
}
