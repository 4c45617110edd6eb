import type { UpdateSummary } from '@mindfuse/protocol'
import { type Section, sectionFrom, writeUpdate } from './struct-run.ts'

/**
 * What an update, which leaves no gap, brings to somebody at a state vector. Deletes stay as they
 * are. Costs what is new, whereas `Y.diffUpdate` builds every struct of the update.
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
    // Gaps in it lie before what is new: on the way there they are structs like others.
    const section = sectionFrom([{ ...range, bytes: update }], known)
    if (section) sections.push(section)
  }
  return writeUpdate(sections, update.subarray(summary.deletesStart))
}
