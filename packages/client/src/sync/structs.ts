import { createID, GC, Item, Skip, UpdateEncoderV1 } from 'yjs'

/** What an update consists of; those of one client follow each other without gaps. */
export type Struct = Item | GC | Skip

/** Where a struct ends: the clock after its last. */
export const endOf = ({ id, length }: Struct): number => id.clock + length

/**
 * Cuts a decoded struct, which no document contains, in two: it becomes the left part.
 *
 * @returns the right part, which begins at `clock`
 */
export function cut(struct: Struct, clock: number): Struct {
  const { client, clock: start } = struct.id
  const offset = clock - start
  const rest = struct.length - offset
  const id = createID(client, clock)
  struct.length = offset
  if (struct instanceof GC) return new GC(id, rest)
  if (struct instanceof Skip) return new Skip(id, rest)
  const { rightOrigin, parent, parentSub, content } = struct
  const left = createID(client, clock - 1)
  return new Item(id, null, left, null, rightOrigin, parent, parentSub, content.splice(offset))
}

/** Groups structs by client. */
export function byClient(structs: readonly Struct[]): Map<number, Struct[]> {
  const clients = new Map<number, Struct[]>()
  for (const struct of structs) {
    const { client } = struct.id
    const list = clients.get(client)
    if (list) list.push(struct)
    else clients.set(client, [struct])
  }
  return clients
}

/** Deleted ranges by client. */
export type Deletes = ReadonlyMap<number, readonly { clock: number; len: number }[]>

/**
 * Encodes an update as Yjs does, clients in descending order.
 *
 * @see https://github.com/yjs/yjs/blob/main/src/utils/encoding.js writeClientsStructs
 */
export function encodeStructs(structs: readonly Struct[], deletes: Deletes): Uint8Array {
  const encoder = new UpdateEncoderV1()
  const clients = [...byClient(structs)].sort(([a], [b]) => b - a)
  // In this encoding a length is an unsigned integer like every count.
  encoder.writeLen(clients.length)
  for (const [client, list] of clients) {
    encoder.writeLen(list.length)
    encoder.writeClient(client)
    encoder.writeLen((list[0] as Struct).id.clock)
    for (const struct of list) struct.write(encoder, 0)
  }
  encoder.writeLen(deletes.size)
  for (const [client, ranges] of deletes) {
    encoder.writeClient(client)
    encoder.writeLen(ranges.length)
    for (const { clock, len } of ranges) {
      encoder.writeDsClock(clock)
      encoder.writeDsLen(len)
    }
  }
  return encoder.toUint8Array()
}
