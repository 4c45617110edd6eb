export { DeletedRanges } from './deleted-ranges.ts'
export { inspectUpdate } from './inspect-update.ts'
export {
  MAX_CLOCK,
  MAX_UPDATE_CLIENTS,
  MAX_UPDATE_DELETES,
  MAX_VALUE_DEPTH,
} from './limits.ts'
export { MalformedStateVectorError } from './malformed-state-vector-error.ts'
export { MalformedUpdateError } from './malformed-update-error.ts'
export {
  advance,
  covers,
  decodeStateVector,
  encodeStateVector,
  leavesGap,
  overlaps,
  type StateVector,
} from './state-vector.ts'
export { locateStruct, type StructPlace } from './struct.ts'
export { type InspectOptions, STORED_INSPECTION, UpdateInspection } from './update-inspection.ts'
export type { ClientDeletes, ClockRange, UpdateSummary } from './update-summary.ts'
