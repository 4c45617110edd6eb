import { canEdit, type EditRefusal, MAX_UPDATE_BYTES } from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'

/** The frames that carry edits. */
export type EditFrameKind = 'update' | 'sync-step-2'

/** Refusals after which the same edit may be accepted later. */
export const TRANSIENT_REFUSALS: ReadonlySet<EditRefusal> = new Set([
  'rate_limited',
  'storage_unavailable',
  'quota_exceeded',
  'board_full',
])

/** Why an edit is refused, if it is. Counts it towards its sender's rate. */
export function refusalOf(
  { role, rates, isHeld }: Connection,
  update: Uint8Array,
  board: {
    isStorageFull: boolean
    isShareUsedUp: boolean
    /** Reads the edit: asked last. */
    isBeyondQuota: () => boolean
  },
): EditRefusal | undefined {
  // A client with nothing to add still answers our step 1, also a viewer's.
  if (!canEdit(role) && !isEmpty(update)) return 'read_only'
  if (update.length > MAX_UPDATE_BYTES) return 'too_large'
  if (!rates.edits.take() || board.isShareUsedUp) return 'rate_limited'
  if (isHeld || board.isStorageFull) return 'storage_unavailable'
  if (board.isBeyondQuota()) return 'quota_exceeded'
  return undefined
}

/** Whether an update is the empty one, of which there is a single encoding. */
function isEmpty(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0
}
