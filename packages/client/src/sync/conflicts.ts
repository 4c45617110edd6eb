import { ContentDeleted, decodeUpdate, GC, Item, isDeleted, Skip, UpdateEncoderV1 } from 'yjs'
import { byClient, cut, endOf, type Struct } from './structs.ts'

/** The server has something else under ids of unsaved edits: another client used them. */
export interface Conflict {
  /** The first clock that differs. */
  readonly from: number
  /** What the server has of the same edits after it. */
  readonly repeated: readonly { clock: number; len: number }[]
}

/** How ours compares to theirs; `irrelevant` if nothing of ours could be lost. */
type Verdict = 'same' | 'different' | 'deleted' | 'collected' | 'irrelevant'

/** Whether the server may have an edit; `unknown` for those of an earlier page. */
export type Sent = 'sent' | 'unsent' | 'unknown'

/** Says for our struct at a clock whether it was sent. */
export type SentAt = (client: number, clock: number) => Sent

/**
 * Compares two updates, clock by clock, where both have structs of a client: Yjs takes equal ids for
 * equal content, and drops one of the two silently.
 *
 * What is deleted on their side was ours if ours was sent. Deleted content still has its place, which
 * another client could at best guess; what was collected as garbage has nothing to compare, but then
 * other structs of ours are there too.
 */
export function findConflicts(
  ours: Uint8Array,
  theirs: Uint8Array,
  sentAt: SentAt,
): Map<number, Conflict> {
  const our = decodeUpdate(ours)
  const their = byClient(decodeUpdate(theirs).structs)
  const conflicts = new Map<number, Conflict>()
  for (const [client, structs] of byClient(our.structs)) {
    const different: number[] = []
    const doubtful: number[] = []
    const same: { clock: number; len: number }[] = []
    const mine = [...cutAtDeletes(structs, our.ds.clients.get(client) ?? [])]
    for (const [struct, other] of overlaps(mine, their.get(client) ?? [])) {
      const { id, length } = struct
      const verdict = compare(struct, other, isDeleted(our.ds, id))
      if (verdict === 'irrelevant') continue
      const sent = sentAt(client, id.clock)
      if (verdict === 'different') different.push(id.clock)
      else if (verdict === 'collected' && sent === 'unknown') doubtful.push(id.clock)
      else if (verdict !== 'same' && sent === 'unsent') different.push(id.clock)
      else same.push({ clock: id.clock, len: length })
    }
    const from = Math.min(...different, ...(same.length === 0 ? doubtful : []))
    if (from === Number.POSITIVE_INFINITY) continue
    conflicts.set(client, { from, repeated: same.filter(({ clock }) => clock >= from) })
  }
  return conflicts
}

/** The parts that both have, cut to the same clocks. */
function* overlaps(
  ours: readonly Struct[],
  theirs: readonly Struct[],
): Generator<[mine: Struct, other: Struct]> {
  let i = 0
  let j = 0
  let mine = ours[i]
  let other = theirs[j]
  while (mine && other) {
    if (endOf(mine) <= other.id.clock) mine = ours[++i]
    else if (endOf(other) <= mine.id.clock) other = theirs[++j]
    else if (mine.id.clock < other.id.clock) mine = cut(mine, other.id.clock)
    else if (other.id.clock < mine.id.clock) other = cut(other, mine.id.clock)
    else {
      const end = Math.min(endOf(mine), endOf(other))
      const nextMine: Struct | undefined = endOf(mine) > end ? cut(mine, end) : ours[++i]
      const nextOther: Struct | undefined = endOf(other) > end ? cut(other, end) : theirs[++j]
      yield [mine, other]
      mine = nextMine
      other = nextOther
    }
  }
}

function compare(mine: Struct, other: Struct, isDeleted: boolean): Verdict {
  // Of what was collected as garbage nothing is left to lose.
  if (other instanceof Skip || !(mine instanceof Item)) return 'irrelevant'
  const isGone = isDeleted || mine.content instanceof ContentDeleted
  if (other instanceof GC) return isGone ? 'irrelevant' : 'collected'
  if (!isEqual(placeOf(mine), placeOf(other))) return 'different'
  if (isGone) return 'irrelevant'
  if (other.content instanceof ContentDeleted) return 'deleted'
  return isEqual(mine, other) ? 'same' : 'different'
}

/** The same item without its content. */
function placeOf({ id, origin, rightOrigin, parent, parentSub }: Item): Item {
  return new Item(id, null, origin, null, rightOrigin, parent, parentSub, new ContentDeleted(1))
}

function isEqual(a: Item, b: Item): boolean {
  const [ours, theirs] = [a, b].map((item) => {
    const encoder = new UpdateEncoderV1()
    item.write(encoder, 0)
    return encoder.toUint8Array()
  }) as [Uint8Array, Uint8Array]
  return ours.length === theirs.length && ours.every((byte, i) => byte === theirs[i])
}

/** Cuts structs where deleted ranges begin and end. */
function* cutAtDeletes(
  structs: readonly Struct[],
  ranges: readonly { clock: number; len: number }[],
): Generator<Struct> {
  const bounds = ranges.flatMap(({ clock, len }) => [clock, clock + len])
  let next = 0
  for (let struct of structs) {
    while (next < bounds.length && (bounds[next] as number) <= struct.id.clock) next++
    for (; next < bounds.length && (bounds[next] as number) < endOf(struct); next++) {
      const right = cut(struct, bounds[next] as number)
      yield struct
      struct = right
    }
    yield struct
  }
}
