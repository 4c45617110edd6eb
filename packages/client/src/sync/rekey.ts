import { createID, decodeUpdate, type ID, Item } from 'yjs'
import { cut, type Deletes, encodeStructs, endOf, type Struct } from './structs.ts'

/** The structs of a client from a clock on get another client id. */
export interface Move {
  /** The first clock that moves; it becomes clock 0 of `to`. */
  readonly from: number
  readonly to: number
}

/** By client. */
export type Moves = ReadonlyMap<number, Move>

/**
 * Rewrites the ids of an update, with all references to them. On a document that has what the update
 * refers to, the result inserts and deletes the same as the update itself.
 */
export function rekey(update: Uint8Array, moves: Moves): Uint8Array {
  const { structs, ds } = decodeUpdate(update)
  const moved: Struct[] = []
  for (const struct of structs) {
    const from = moves.get(struct.id.client)?.from
    const isAcross = from !== undefined && struct.id.clock < from && from < endOf(struct)
    const right = isAcross ? cut(struct, from) : undefined
    moved.push(moveStruct(struct, moves))
    if (right) moved.push(moveStruct(right, moves))
  }
  return encodeStructs(moved, moveDeletes(ds.clients, moves))
}

function moveStruct(struct: Struct, moves: Moves): Struct {
  struct.id = moveId(struct.id, moves)
  if (struct instanceof Item) {
    const { origin, rightOrigin, parent } = struct
    struct.origin = origin && moveId(origin, moves)
    struct.rightOrigin = rightOrigin && moveId(rightOrigin, moves)
    // Else it is the name of a root type.
    if (parent && typeof parent === 'object' && 'clock' in parent) {
      struct.parent = moveId(parent, moves)
    }
  }
  return struct
}

function moveId(id: ID, moves: Moves): ID {
  const move = moves.get(id.client)
  return move && id.clock >= move.from ? createID(move.to, id.clock - move.from) : id
}

function moveDeletes(deletes: Deletes, moves: Moves): Deletes {
  const moved = new Map<number, { clock: number; len: number }[]>()
  const add = (client: number, clock: number, len: number) => {
    if (len <= 0) return
    const ranges = moved.get(client)
    if (ranges) ranges.push({ clock, len })
    else moved.set(client, [{ clock, len }])
  }
  for (const [client, ranges] of deletes) {
    const { from, to } = moves.get(client) ?? { from: Number.POSITIVE_INFINITY, to: client }
    for (const { clock, len } of ranges) {
      const end = clock + len
      add(client, clock, Math.min(end, from) - clock)
      const start = Math.max(clock, from)
      if (start < end) add(to, start - from, end - start)
    }
  }
  return moved
}
