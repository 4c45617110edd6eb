import { varUintLength, writeVarUint } from '@mindfuse/protocol'
import * as decoding from 'lib0/decoding'
import { type Static, Type } from 'typebox'
import { UUID_BYTES, uuidFromBytes, writeUuid } from './uuid.ts'

/** Largest body of `POST /internal/updates`, bytes. One sync step 2 and its framing must fit. */
export const MAX_UPDATE_BATCH_BYTES = 32 * 1024 * 1024

const FORMAT_VERSION = 1

/** One edit of a batch. */
export interface BatchedUpdate {
  /** Who made the edit: the user's id. */
  userId: string
  /** A Yjs update (v1 encoding) that passed structural validation. */
  update: Uint8Array
}

/** The edits of one board, in the order the gateway received them. */
export interface BoardUpdates {
  boardId: string
  updates: BatchedUpdate[]
}

/** The body of `POST /internal/updates` cannot be read. */
export class MalformedBatchError extends Error {
  override name = 'MalformedBatchError'
  readonly code = 'malformed_batch'
}

/**
 * Body of `POST /internal/updates`:
 *
 *     batch  := varUint(1) • varUint(boards) • board*
 *     board  := uuid • varUint(updates) • update*
 *     update := uuid(user) • varByteArray(yjsUpdate)
 */
export function encodeUpdateBatch(boards: BoardUpdates[]): Uint8Array<ArrayBuffer> {
  const batch = new Uint8Array(lengthOf(boards))
  let at = writeVarUint(batch, 0, FORMAT_VERSION)
  at = writeVarUint(batch, at, boards.length)
  for (const { boardId, updates } of boards) {
    at = writeUuid(batch, at, boardId)
    at = writeVarUint(batch, at, updates.length)
    for (const { userId, update } of updates) {
      at = writeUuid(batch, at, userId)
      at = writeVarUint(batch, at, update.length)
      batch.set(update, at)
      at += update.length
    }
  }
  return batch
}

/** Known before, so that the batch is written once: an encoder that grows copies what it has. */
function lengthOf(boards: BoardUpdates[]): number {
  let length = varUintLength(FORMAT_VERSION) + varUintLength(boards.length)
  for (const { updates } of boards) {
    length += UUID_BYTES + varUintLength(updates.length)
    for (const { update } of updates) {
      length += UUID_BYTES + varUintLength(update.length) + update.length
    }
  }
  return length
}

/**
 * Reads what {@link encodeUpdateBatch} wrote.
 * @throws MalformedBatchError where it is not exactly that, or names a board twice.
 */
export function decodeUpdateBatch(bytes: Uint8Array): BoardUpdates[] {
  const boards: BoardUpdates[] = []
  const seen = new Set<string>()
  try {
    const decoder = decoding.createDecoder(bytes)
    if (decoding.readVarUint(decoder) !== FORMAT_VERSION) {
      throw new MalformedBatchError('unknown format version')
    }
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const boardId = uuidFromBytes(decoding.readUint8Array(decoder, UUID_BYTES))
      if (seen.has(boardId)) throw new MalformedBatchError('a board stands twice in the batch')
      seen.add(boardId)
      boards.push({ boardId, updates: readUpdates(decoder) })
    }
    if (decoding.hasContent(decoder)) throw new MalformedBatchError('bytes after the batch')
  } catch (error) {
    if (error instanceof MalformedBatchError) throw error
    throw new MalformedBatchError('batch ends early', { cause: error })
  }
  return boards
}

function readUpdates(decoder: decoding.Decoder): BatchedUpdate[] {
  const updates: BatchedUpdate[] = []
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const userId = uuidFromBytes(decoding.readUint8Array(decoder, UUID_BYTES))
    updates.push({ userId, update: decoding.readVarUint8Array(decoder) })
  }
  return updates
}

/** Reply of `POST /internal/updates`: one result a board, in the order of the batch. */
export const updateBatchReplySchema = Type.Object({
  results: Type.Array(
    Type.Union([
      Type.Object({
        boardId: Type.String(),
        status: Type.Literal('stored'),
        /** The board's sequence number after its last update was stored. */
        seq: Type.Integer({ minimum: 0 }),
        /** Whether the storage of the board's workspace is used up: further edits have to be refused. */
        storageFull: Type.Optional(Type.Boolean()),
      }),
      Type.Object({
        boardId: Type.String(),
        status: Type.Literal('rejected'),
        /** Why none of the board's updates were stored. */
        code: Type.Literal('board_gone'),
      }),
      Type.Object({
        boardId: Type.String(),
        /** Something else has the lock of its row: send its updates again, alone. */
        status: Type.Literal('busy'),
      }),
    ]),
  ),
  /** The database that the batch is stored in, see `positionsReplySchema`. */
  incarnation: Type.Optional(Type.String()),
})

/** See {@link updateBatchReplySchema}. */
export type UpdateBatchReply = Static<typeof updateBatchReplySchema>
