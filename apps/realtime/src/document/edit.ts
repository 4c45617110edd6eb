import type { ClientDeletes, ClockRange } from '@mindfuse/protocol'

/** An update that was applied to a document. */
export interface Edit {
  update: Uint8Array
  /**
   * Where the new structs lie in it. Each range begins where the document ended for its client; the
   * update may hold known structs of other clients beside them, as a step 2 does.
   */
  news: readonly ClockRange[]
  deletes: readonly ClientDeletes[]
}
