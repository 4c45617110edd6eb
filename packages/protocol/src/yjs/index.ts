export { DeletedRanges, lookupIn } from './deleted-ranges.ts'
export { HeadCount } from './head-count.ts'
export { type InspectOptions, STORED_INSPECTION } from './inspect-options.ts'
export { inspectUpdate } from './inspect-update.ts'
export { type DepthSource, ItemDepths } from './item-depths.ts'
export {
  MAX_CLOCK,
  MAX_TYPE_DEPTH,
  MAX_UPDATE_CLIENTS,
  MAX_UPDATE_COPIES,
  MAX_UPDATE_DELETES,
  MAX_UPDATE_PARTS,
  MAX_UPDATE_PASSES,
  MAX_VALUE_DEPTH,
} from './limits.ts'
export { MalformedStateVectorError } from './malformed-state-vector-error.ts'
export { MalformedUpdateError } from './malformed-update-error.ts'
export {
  advance,
  countClients,
  covers,
  decodeStateVector,
  encodeStateVector,
  leavesGap,
  overlaps,
  type StateVector,
} from './state-vector.ts'
export { locateStruct, type StructPlace } from './struct.ts'
export { UnsupportedContentError } from './unsupported-content-error.ts'
export { UpdateInspection } from './update-inspection.ts'
export type { ClientDeletes, ClockRange, UpdateSummary } from './update-summary.ts'
export { type UpdateBound, UpdateTooComplexError } from './update-too-complex-error.ts'
