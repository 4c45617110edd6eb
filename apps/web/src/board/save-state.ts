import type { Board, ConnectionState } from '@mindfuse/client'
import type { PlainKey } from '../language/catalogue.ts'

/** The state of the connection and of the user's edits. */
export interface SaveState {
  kind: 'saved' | 'saving' | 'offline' | 'connecting' | 'viewing' | 'paused'
  key: PlainKey
}

const STATES = {
  offline: { kind: 'offline', key: 'save.offline' },
  offlineUnsaved: { kind: 'offline', key: 'save.offlineUnsaved' },
  connecting: { kind: 'connecting', key: 'save.connecting' },
  paused: { kind: 'paused', key: 'save.paused' },
  viewing: { kind: 'viewing', key: 'save.viewing' },
  saved: { kind: 'saved', key: 'save.saved' },
  saving: { kind: 'saving', key: 'save.saving' },
  delayed: { kind: 'saving', key: 'save.delayed' },
} as const satisfies Record<string, SaveState>

type Saving = Pick<Board, 'saved' | 'isStorageDelayed' | 'isPaused' | 'canEdit' | 'synced'> & {
  status: Pick<ConnectionState, 'kind'>
}

/**
 * Derives the label from the state of the SDK.
 *
 * @param isOnline whether the machine has a network; the SDK may take a while to notice a dead connection
 */
export function saveStateOf(board: Saving, isOnline: boolean): SaveState {
  const { status, saved, isStorageDelayed, isPaused, canEdit, synced } = board
  if (!isOnline || ['offline', 'denied', 'closed'].includes(status.kind)) {
    return saved ? STATES.offline : STATES.offlineUnsaved
  }
  if (status.kind === 'connecting' || !synced) return STATES.connecting
  if (isPaused) return STATES.paused
  if (!canEdit) return STATES.viewing
  if (saved) return STATES.saved
  return isStorageDelayed ? STATES.delayed : STATES.saving
}
