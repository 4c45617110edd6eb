import { encodeVarUints } from '../var-uint.ts'
import { ByteReader } from './byte-reader.ts'
import { MAX_CLOCK } from './limits.ts'
import { MalformedStateVectorError } from './malformed-state-vector-error.ts'
import type { UpdateSummary } from './update-summary.ts'

/** Client id → the clock after the last one known without a hole. Unknown clients are left out. */
export type StateVector = Map<number, number>

/**
 * Reads a state vector in v1 encoding: the body of a sync step 1.
 *
 * @throws {MalformedStateVectorError}
 * @see https://github.com/yjs/yjs/blob/main/src/utils/encoding.js readStateVector
 */
export function decodeStateVector(bytes: Uint8Array): StateVector {
  const reader = new ByteReader(bytes, MalformedStateVectorError)
  const stateVector: StateVector = new Map()
  const size = reader.count(2)
  for (let i = 0; i < size; i++) {
    const start = reader.offset
    const client = reader.varUint()
    const clock = reader.varUint()
    if (clock > MAX_CLOCK) reader.fail(`clock above ${MAX_CLOCK}`, start)
    if (stateVector.has(client)) reader.fail('client twice', start)
    if (clock > 0) stateVector.set(client, clock)
  }
  reader.end()
  return stateVector
}

/** Writes a state vector in v1 encoding, byte for byte as Yjs does: clients from high to low. */
export function encodeStateVector(stateVector: ReadonlyMap<number, number>): Uint8Array {
  const known = [...stateVector].filter(([, clock]) => clock > 0).sort(([a], [b]) => b - a)
  return encodeVarUints([known.length, ...known.flat()])
}

/**
 * Raises a state vector in place to what it is once an update is applied.
 *
 * @returns `applied`, also when the update held nothing new; `gap` when the update has structs
 *   behind something unknown, or that hang on something unknown of another client, so that Yjs would
 *   hold them back: the state vector is unchanged then
 */
export function advance(stateVector: StateVector, summary: UpdateSummary): 'applied' | 'gap' {
  if (leavesGap(stateVector, summary)) return 'gap'
  for (const { client, to } of summary.ranges) {
    if (to > (stateVector.get(client) ?? 0)) stateVector.set(client, to)
  }
  return 'applied'
}

/** Whether an update has structs that Yjs would hold back: see {@link advance}. */
export function leavesGap(
  stateVector: ReadonlyMap<number, number>,
  summary: UpdateSummary,
): boolean {
  for (const { client, from, gapEnd } of summary.ranges) {
    const known = stateVector.get(client) ?? 0
    if (from > known || gapEnd > known) return true
  }
  let brought: Map<number, number> | undefined
  for (const [client, clock] of summary.dependencies) {
    if (clock < (stateVector.get(client) ?? 0)) continue
    brought ??= new Map(summary.ranges.map(({ client, to }) => [client, to]))
    if (clock >= (brought.get(client) ?? 0)) return true
  }
  return false
}

/**
 * Whether an update repeats the beginning of a range of structs and goes on behind what is known.
 * That happens to honest clients (an edit is on its way while a step 2 is answered). Trim it, as
 * `Y.diffUpdate(update, encodeStateVector(stateVector))` does, before relaying or storing it: where a
 * client has collected the known part as garbage, `Y.applyUpdate` throws on the untrimmed update,
 * and two updates made for it would keep a board from loading for good.
 */
export function overlaps(
  stateVector: ReadonlyMap<number, number>,
  summary: UpdateSummary,
): boolean {
  for (const { client, from, to } of summary.ranges) {
    const known = stateVector.get(client) ?? 0
    if (from < known && known < to) return true
  }
  return false
}

/** Whether someone at `a` knows every struct that someone at `b` knows. Deletes are not counted. */
export function covers(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  for (const [client, clock] of b) {
    if ((a.get(client) ?? 0) < clock) return false
  }
  return true
}
