import type { Board, ConnectionState } from '@mindfuse/client'

/** The state of the connection and of the user's edits. */
export interface SaveState {
  kind: 'saved' | 'saving' | 'offline' | 'connecting' | 'viewing' | 'paused'
  text: string
}

const STATES = {
  offline: { kind: 'offline', text: 'Offline' },
  offlineUnsaved: { kind: 'offline', text: 'Offline: saved to this device' },
  connecting: { kind: 'connecting', text: 'Connecting…' },
  paused: { kind: 'paused', text: 'Paused: checking who has access…' },
  viewing: { kind: 'viewing', text: 'View only' },
  saved: { kind: 'saved', text: 'Saved' },
  saving: { kind: 'saving', text: 'Saving…' },
  delayed: { kind: 'saving', text: 'Still saving…' },
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
