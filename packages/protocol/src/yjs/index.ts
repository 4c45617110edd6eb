export { DeletedRanges } from './deleted-ranges.ts'
export {
  type ClientDeletes,
  type ClockRange,
  type InspectOptions,
  inspectUpdate,
  type UpdateSummary,
} from './inspect-update.ts'
export { MAX_CLOCK, MAX_UPDATE_CLIENTS, MAX_VALUE_DEPTH } from './limits.ts'
export { MalformedStateVectorError } from './malformed-state-vector-error.ts'
export { MalformedUpdateError } from './malformed-update-error.ts'
export {
  advance,
  covers,
  decodeStateVector,
  encodeStateVector,
  overlaps,
  type StateVector,
} from './state-vector.ts'
