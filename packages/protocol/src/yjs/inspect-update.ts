import { type InspectOptions, UpdateInspection } from './update-inspection.ts'
import type { UpdateSummary } from './update-summary.ts'

/**
 * Checks that bytes are a Yjs update in v1 encoding which Yjs can load, merge and encode again, and
 * tells which clocks it covers. One pass, time linear in the bytes, and no memory but for the
 * result: contents are checked where they lie.
 *
 * It knows nothing of the document that the update is for. Whether the update leaves a hole there
 * is for `advance` to say.
 *
 * @throws {MalformedUpdateError} the bytes must not be relayed or stored
 * @see https://github.com/yjs/yjs/blob/main/src/utils/updates.js lazyStructReaderGenerator
 * @example
 * const { ranges } = inspectUpdate(Y.encodeStateAsUpdate(doc))
 */
export function inspectUpdate(update: Uint8Array, options?: InspectOptions): UpdateSummary {
  const inspection = new UpdateInspection(update, options)
  inspection.advance()
  return inspection.summary
}
