import { type ClientDeletes, type ClockRange, DeletedRanges } from '@mindfuse/protocol'
import { byClient, NO_DELETES, type Section, writeUpdate } from '../sync/struct-run.ts'

/** An update that a document took in. */
export interface Edit {
  update: Uint8Array
  /**
   * Where in it those structs are that were new. Each begins where the document ended of its client; the
   * update may hold others' beside them that were known, as a step 2 does.
   */
  news: readonly ClockRange[]
  deletes: readonly ClientDeletes[]
}

/** A section that grows. */
interface GrowingSection extends Section {
  /** The clock after its last. */
  to: number
  structs: number
  pieces: Uint8Array[]
}

/**
 * Makes one update of what was new in those that a document took in one after the other. Each goes on
 * where its clients were, so their structs are put behind each other as they are: nobody who has an edit
 * already is given a part of one.
 *
 * @returns undefined where one does not go on where the one before it ended: clocks are counted on from
 * the first, and every struct behind it would be taken for another
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
