import type { InspectOptions } from './inspect-options.ts'
import { UpdateInspection } from './update-inspection.ts'
import type { UpdateSummary } from './update-summary.ts'

/**
 * Checks that bytes are a Yjs update in v1 encoding that Yjs can load, merge and encode again, and
 * returns which clocks it covers. It takes one pass, linear time, and no memory except for the result:
 * contents are checked in place.
 *
 * It does not know the document that the update is for; {@link advance} says whether the update leaves
 * a gap there.
 *
 * @throws {MalformedUpdateError} the bytes must not be relayed or stored
 * @see https://github.com/yjs/yjs/blob/main/src/utils/updates.js lazyStructReaderGenerator
 *
 * @example
 * ```ts
 * const { ranges, isEmpty } = inspectUpdate(Y.encodeStateAsUpdate(doc))
 * show([ranges.length, isEmpty])
 * ```
 */
export function inspectUpdate(update: Uint8Array, options?: InspectOptions): UpdateSummary {
  const inspection = new UpdateInspection(update, options)
  inspection.advance()
  return inspection.summary
}
