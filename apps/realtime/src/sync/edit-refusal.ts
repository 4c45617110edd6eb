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
    isQuotaUsedUp: boolean
    /** Whether the board lacks something of it. Reads the edit: asked last. */
    isNew: () => boolean
  },
): EditRefusal | undefined {
  if (!canEdit(role)) {
    // The client of a viewer or commenter answers our step 1 as well, with every delete that it received.
    if (isEmpty(update)) return undefined
    const isRead = update.length <= MAX_UPDATE_BYTES && rates.edits.take() && !board.isShareUsedUp
    return isRead && !board.isNew() ? undefined : 'read_only'
  }
  if (update.length > MAX_UPDATE_BYTES) return 'too_large'
  if (!rates.edits.take() || board.isShareUsedUp) return 'rate_limited'
  if (isHeld || board.isStorageFull) return 'storage_unavailable'
  if (board.isQuotaUsedUp && board.isNew()) return 'quota_exceeded'
  return undefined
}

/** Whether an update is the empty one, of which there is a single encoding. */
function isEmpty(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0
}
