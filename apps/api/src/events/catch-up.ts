import { presentBoard } from '../boards/present-board.ts'
import { listVisibleBoards } from '../boards/repository.ts'
import type { ThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import type { Database } from '../db/database.ts'
import { readCurrentState } from './current-state.ts'
import { positionFrame } from './frames.ts'
import { type PresentedChange, presentChange } from './present.ts'
import { readMissed } from './repository.ts'
import type { Stream, StreamOwner } from './stream.ts'

/** Most missed changes that are sent one by one. */
const MAX_MISSED = 500

/** Every id that this API gives out; it fits a number. */
const EVENT_ID = /^\d{1,15}$/

/** Most boards in `boards:initial`; the list route has the others. */
const MAX_INITIAL_BOARDS = 1_000

/** What lists are made of. */
export interface ListSources {
  db: Database
  addresses: ThumbnailAddresses
}

/** The last event that a client reports to know. */
export interface LastEvent {
  /** As the client sent it. */
  id: string
}

/** Sends a stream what it missed, or else its whole list, up to `position`. */
export async function catchUp(
  sources: ListSources,
  stream: Stream,
  options: { last: LastEvent | undefined; position: number },
): Promise<number> {
  const { last, position } = options
  const missed = last && (await readMissedChanges(sources, stream.owner, last, position))
  stream.send('resumed', { from: last?.id ?? null, complete: missed !== undefined })
  if (!missed) return sendInitial(sources, stream, position)
  for (const { groups } of missed.changes) {
    for (const { chunk } of groups) stream.write(chunk)
  }
  stream.write({ bytes: Buffer.from(positionFrame(missed.position)), names: [] })
  return missed.position
}

/** Sends a stream all boards that its owner sees. @returns the position they are at */
export async function sendInitial(
  { db, addresses }: ListSources,
  stream: Stream,
  position: number,
): Promise<number> {
  const { userId, workspaceId } = stream.owner
  const { rows, total } = await listVisibleBoards(db, {
    userId,
    workspaceId,
    limit: MAX_INITIAL_BOARDS,
  })
  const items = rows.map((row) => presentBoard(row, addresses))
  const lastEventId = `${position}`
  stream.send('boards:initial', { items, total, version: position, lastEventId }, position)
  return position
}

/** Undefined where they cannot be sent one by one. */
async function readMissedChanges(
  { db, addresses }: ListSources,
  owner: StreamOwner,
  last: LastEvent,
  until: number,
): Promise<{ changes: PresentedChange[]; position: number } | undefined> {
  if (!EVENT_ID.test(last.id)) return undefined
  const after = Number(last.id)
  const { userId, workspaceId } = owner
  const limit = MAX_MISSED + 1
  const { rows, areAllKept } = await readMissed(db, { after, until, userId, workspaceId, limit })
  if (!areAllKept || rows.length > MAX_MISSED) return undefined
  const me = new Set([userId])
  const state = await readCurrentState(db, rows, me)
  const changes = rows.map((row) => presentChange(row, state, me, addresses))
  if (changes.some(({ reload }) => reload.size > 0)) return undefined
  // Another instance may have sent it more than this one has read yet.
  return { changes, position: Math.max(after, until) }
}
