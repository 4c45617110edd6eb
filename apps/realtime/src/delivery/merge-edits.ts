import { DeletedRanges } from '@mindfuse/protocol'
import type { Edit } from '../document/edit.ts'
import { byClient, NO_DELETES, type Section, writeUpdate } from '../document/struct-run.ts'

/** A section that still grows. */
interface GrowingSection extends Section {
  /** The clock after its last. */
  to: number
  structs: number
  pieces: Uint8Array[]
}

/**
 * Merges the new parts of consecutive edits into one update. Each edit continues where its clients
 * were, so their structs are concatenated unchanged: no client that has an edit receives a part of it.
 *
 * @returns undefined where an edit does not continue where the one before ended: clocks count on from
 * the first struct, so every struct behind the break would get the clock of another
 */
export function mergeEdits(edits: readonly Edit[]): Uint8Array | undefined {
  const sections = new Map<number, GrowingSection>()
  const deletes = new DeletedRanges()
  for (const { update, news, deletes: deleted } of edits) {
    for (const { client, from, to, structs, start, end } of news) {
      const piece = update.subarray(start, end)
      const section = sections.get(client)
      if (!section) {
        sections.set(client, { client, clock: from, to, structs, pieces: [piece] })
        continue
      }
      if (section.to !== from) return undefined
      section.to = to
      section.structs += structs
      section.pieces.push(piece)
    }
    deletes.add(deleted)
  }
  const deleteSet = deletes.isEmpty ? NO_DELETES : deletes.encode()
  return writeUpdate([...sections.values()].sort(byClient), deleteSet)
}
