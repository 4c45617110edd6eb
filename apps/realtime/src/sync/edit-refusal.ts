import {
  CLOSE_CODES,
  canEdit,
  type EditRefusal,
  MAX_SYNC_STEP_2_BYTES,
  MAX_UPDATE_BYTES,
} from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'

/** The frames that carry edits. */
export type EditFrameKind = 'update' | 'sync-step-2'

/** Why an edit is refused, if it is. Counts it towards its sender's rate. */
export function refusalOf(
  { role, rates }: Connection,
  { kind, update }: { kind: EditFrameKind; update: Uint8Array },
  board: {
    isStorageFull: boolean
    isShareUsedUp: boolean
    /** Reads the edit: asked last. */
    isBeyondQuota: () => boolean
  },
): EditRefusal | undefined {
  // A client with nothing to add still answers our step 1, also a viewer's.
  if (!canEdit(role) && !isEmpty(update)) return 'read_only'
  if (update.length > (kind === 'update' ? MAX_UPDATE_BYTES : MAX_SYNC_STEP_2_BYTES)) {
    return 'too_large'
  }
  if (!rates.edits.take() || board.isShareUsedUp) return 'rate_limited'
  if (board.isStorageFull) return 'storage_unavailable'
  if (board.isBeyondQuota()) return 'quota_exceeded'
  return undefined
}

/** Notifies the sender of a refused edit, or closes a client that has no text frames. */
export function refuseEdit(from: Connection, seq: number, code: EditRefusal): void {
  if (from.hasText) from.sendMessage({ type: 'sync:rejected', seq, code })
  // A viewer's stock client cannot know that its edits are unwanted: they are dropped.
  else if (code !== 'read_only') from.close(REFUSAL_CLOSE_CODES[code], code)
}

/** Whether an update is the empty one, of which there is a single encoding. */
function isEmpty(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0
}

/** Tells a client without text frames why its edit was refused, and when to reconnect. */
const REFUSAL_CLOSE_CODES = {
  too_large: CLOSE_CODES.TOO_LARGE,
  too_complex: CLOSE_CODES.TOO_LARGE,
  unsupported_content: CLOSE_CODES.MALFORMED,
  board_full: CLOSE_CODES.TOO_LARGE,
  quota_exceeded: CLOSE_CODES.TOO_LARGE,
  rate_limited: CLOSE_CODES.RATE_LIMITED,
  storage_unavailable: CLOSE_CODES.STORAGE_UNAVAILABLE,
} as const
