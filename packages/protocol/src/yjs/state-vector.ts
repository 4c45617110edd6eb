import { encodeVarUints } from '../var-uint.ts'
import { ByteReader } from './byte-reader.ts'
import { MAX_CLOCK } from './limits.ts'
import { MalformedStateVectorError } from './malformed-state-vector-error.ts'
import type { UpdateSummary } from './update-summary.ts'

/** Client id → the clock after the last one known without a gap. Unknown clients are omitted. */
export type StateVector = Map<number, number>

/**
 * Decodes a state vector in v1 encoding: the payload of a sync step 1.
 *
 * @throws {MalformedStateVectorError}
 * @see https://github.com/yjs/yjs/blob/main/src/utils/encoding.js readStateVector
 *
 * @example
 * ```ts
 * const stateVector = decodeStateVector(Y.encodeStateVector(doc))
 * show(stateVector.get(doc.clientID))
 * ```
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

/**
 * How many clients a state vector in v1 encoding names, without reading them.
 *
 * @throws {MalformedStateVectorError} if it is too short for as many
 *
 * @example
 * ```ts
 * show(countClients(Y.encodeStateVector(new Y.Doc()))) // 0
 * ```
 */
export function countClients(stateVector: Uint8Array): number {
  return new ByteReader(stateVector, MalformedStateVectorError).count(2)
}

/**
 * Encodes a state vector in v1 encoding, byte for byte as Yjs does: clients in descending order.
 *
 * @example
 * ```ts
 * const bytes = encodeStateVector(new Map([[doc.clientID, 3]]))
 * show(Y.encodeStateAsUpdate(doc, bytes))
 * ```
 */
export function encodeStateVector(stateVector: ReadonlyMap<number, number>): Uint8Array {
  const known = [...stateVector].filter(([, clock]) => clock > 0).sort(([a], [b]) => b - a)
  return encodeVarUints([known.length, ...known.flat()])
}

/**
 * Advances a state vector, in place, by an update.
 *
 * @returns `applied`, even if the update has nothing new; `gap` if the update has structs after a gap,
 *   or with a missing dependency on another client, which Yjs would keep pending: the state vector is
 *   then unchanged
 *
 * @example
 * ```ts
 * import type { StateVector } from '@mindfuse/protocol'
 *
 * const stateVector: StateVector = new Map()
 * show(advance(stateVector, inspectUpdate(Y.encodeStateAsUpdate(doc)))) // 'applied'
 * ```
 */
export function advance(stateVector: StateVector, summary: UpdateSummary): 'applied' | 'gap' {
  if (leavesGap(stateVector, summary)) return 'gap'
  for (const { client, to } of summary.ranges) {
    if (to > (stateVector.get(client) ?? 0)) stateVector.set(client, to)
  }
  return 'applied'
}

/** Whether an update has structs that Yjs would keep pending: see {@link advance}. */
export function leavesGap(
  stateVector: ReadonlyMap<number, number>,
  summary: UpdateSummary,
): boolean {
  for (const { client, from, gapEnd } of summary.ranges) {
    const known = stateVector.get(client) ?? 0
    if (from > known || gapEnd > known) return true
  }
  let added: Map<number, number> | undefined
  for (const [client, clock] of summary.dependencies) {
    if (clock < (stateVector.get(client) ?? 0)) continue
    added ??= new Map(summary.ranges.map(({ client, to }) => [client, to]))
    if (clock >= (added.get(client) ?? 0)) return true
  }
  return false
}

/**
 * Whether an update repeats known structs of a range and continues with new ones. Honest clients send
 * such updates (an edit is in flight while a step 2 is answered). Trim it with
 * `Y.diffUpdate(update, encodeStateVector(stateVector))` before you relay or store it: if a client has
 * garbage-collected the known part, `Y.applyUpdate` throws on the untrimmed update, and two crafted
 * updates would make a board unloadable.
 *
 * @example
 * ```ts
 * const update = Y.encodeStateAsUpdate(doc)
 * show(overlaps(new Map([[doc.clientID, 1]]), inspectUpdate(update)))
 * ```
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

/**
 * Whether `a` includes every struct of `b`. Deletes are not counted.
 *
 * @example
 * ```ts
 * show(covers(new Map([[1, 5]]), new Map([[1, 3]]))) // true
 * ```
 */
export function covers(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  for (const [client, clock] of b) {
    if ((a.get(client) ?? 0) < clock) return false
  }
  return true
}
