import { DeletedRanges, type UpdateSummary } from '@mindfuse/protocol'
import { byClient, NO_DELETES, type Section, writeUpdate } from './struct-run.ts'

/** An update that a document took in, and what was found in it. */
export interface Edit {
  update: Uint8Array
  summary: UpdateSummary
}

/** A section that grows. */
interface GrowingSection extends Section {
  structs: number
  pieces: Uint8Array[]
}

/**
 * Makes one update of those that a document took in one after the other. Each goes on where its
 * clients were, so their structs are put behind each other as they are: nobody who has an edit already
 * is given a part of one.
 */
export function mergeEdits(edits: readonly Edit[]): Uint8Array {
  const sections = new Map<number, GrowingSection>()
  const deletes = new DeletedRanges()
  for (const { update, summary } of edits) {
    for (const { client, from, structs, start, end } of summary.ranges) {
      const piece = update.subarray(start, end)
      const section = sections.get(client)
      if (section) {
        section.structs += structs
        section.pieces.push(piece)
      } else {
        sections.set(client, { client, clock: from, structs, pieces: [piece] })
      }
    }
    deletes.add(summary.deletes)
  }
  const deleteSet = deletes.isEmpty ? NO_DELETES : deletes.encode()
  return writeUpdate([...sections.values()].sort(byClient), deleteSet)
}
