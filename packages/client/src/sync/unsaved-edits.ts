import {
  type Doc,
  decodeStateVector,
  decodeUpdate,
  encodeStateAsUpdate,
  encodeStateVector,
  getState,
  mergeUpdates,
  parseUpdateMeta,
} from 'yjs'
import { deriveClientId, mentions } from './client-ids.ts'
import { type Conflict, findConflicts, type SentAt } from './conflicts.ts'
import { type Move, rekey } from './rekey.ts'
import type { Clocks } from './save-ledger.ts'
import { byClient, encodeStructs } from './structs.ts'

/**
 * How often moved edits are moved again because their new ids are taken too. Without the secret that
 * takes luck, so more often than this something else is wrong.
 */
const MAX_MOVES = 4

/**
 * Whether an update has something else under ids that a document has: Yjs would drop it silently, and
 * everyone who received it first drops what the document has.
 *
 * @param own the clients of local edits
 * @returns what the document has under these clients, or nothing if all is well
 */
export function contradicts(
  doc: Doc,
  update: Uint8Array,
  own: Iterable<number>,
  sentAt: SentAt,
): Uint8Array | undefined {
  const known = [...own].filter(
    (client) => getState(doc.store, client) > 0 && mentions(update, client),
  )
  if (known.length === 0) return undefined
  return unlessUnreadable(() => {
    const theirs = byClient(decodeUpdate(update).structs)
    const from = new Map<number, number>()
    for (const client of known) {
      const first = theirs.get(client)?.[0]?.id.clock
      if (first !== undefined && first < getState(doc.store, client)) from.set(client, first)
    }
    if (from.size === 0) return undefined
    const ours = contentFrom(doc, from)
    return findConflicts(ours, update, sentAt).size > 0 ? ours : undefined
  })
}

/**
 * Prepares edits for a document that lacks them: those under ids that it has for something else get
 * new ids.
 *
 * @param secret see {@link deriveClientId}
 * @returns an update for each edit, and one more if copies have to be deleted
 */
export function adapt(
  edits: readonly Uint8Array[],
  doc: Doc,
  secret: Uint8Array,
  sentAt: SentAt,
): readonly Uint8Array[] {
  let adapted = edits
  for (let i = 0; i < MAX_MOVES && adapted.length > 0; i++) {
    const conflicts = unlessUnreadable(() => conflictsWith(doc, adapted, sentAt))
    if (!conflicts || conflicts.size === 0) break
    const moves = new Map<number, Move>()
    for (const [client, { from: clock }] of conflicts) {
      moves.set(client, { from: clock, to: deriveClientId(secret, client, clock) })
    }
    adapted = [...adapted.map((edit) => rekey(edit, moves)), ...deletesOf(conflicts)]
  }
  return adapted
}

function conflictsWith(doc: Doc, edits: readonly Uint8Array[], sentAt: SentAt) {
  const all = mergeUpdates([...edits])
  const from = new Map(
    [...parseUpdateMeta(all).from].filter(([id, clock]) => clock < getState(doc.store, id)),
  )
  return from.size > 0 ? findConflicts(all, contentFrom(doc, from), sentAt) : undefined
}

/** What Yjs cannot read fails when it is applied, and is reported there. */
function unlessUnreadable<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** The state vector of a document as if it had nothing of some clients from a clock on. */
export function stateVectorUpTo(doc: Doc, clocks: Clocks): Uint8Array {
  const vector = encodeStateVector(doc)
  if (clocks.size === 0) return vector
  const state = decodeStateVector(vector)
  for (const [client, clock] of clocks) {
    if (clock === 0) state.delete(client)
    else if (clock < (state.get(client) ?? 0)) state.set(client, clock)
  }
  return encodeStateVector(state)
}

/** By client, the first clock of what a document has and a state vector does not. */
export function lackedBy(theirs: Clocks, doc: Doc): Clocks {
  const lacked = new Map<number, number>()
  for (const [client, clock] of decodeStateVector(encodeStateVector(doc))) {
    const known = theirs.get(client) ?? 0
    if (known < clock) lacked.set(client, known)
  }
  return lacked
}

export function contentFrom(doc: Doc, clocks: Clocks): Uint8Array {
  return encodeStateAsUpdate(doc, stateVectorUpTo(doc, clocks))
}

/** After the first struct that differs, ours are inserted again: what is there of them goes. */
function deletesOf(conflicts: ReadonlyMap<number, Conflict>): Uint8Array[] {
  const deletes = [...conflicts].filter(([, { repeated }]) => repeated.length > 0)
  if (deletes.length === 0) return []
  return [encodeStructs([], new Map(deletes.map(([client, { repeated }]) => [client, repeated])))]
}
