import type { Board, ConnectionState } from '@mindfuse/client'
import { h } from '../ui/dom.ts'

/** The state of the connection and of the user's edits. */
export interface SaveState {
  kind: 'saved' | 'saving' | 'offline' | 'connecting' | 'viewing' | 'paused'
  text: string
}

/** Derives the label from the state of the SDK. */
export function saveStateOf(board: {
  status: Pick<ConnectionState, 'kind'>
  saved: boolean
  isStorageDelayed: boolean
  isPaused: boolean
  canEdit: boolean
  synced: boolean
  /** Whether the machine has a network; the SDK may take a while to notice a dead connection. */
  isOnline: boolean
}): SaveState {
  const { status, saved, isStorageDelayed, isPaused, canEdit, synced, isOnline } = board
  if (
    !isOnline ||
    status.kind === 'offline' ||
    status.kind === 'denied' ||
    status.kind === 'closed'
  ) {
    return { kind: 'offline', text: saved ? 'Offline' : 'Offline: saved to this device' }
  }
  if (status.kind === 'connecting' || !synced) return { kind: 'connecting', text: 'Connecting…' }
  if (isPaused) return { kind: 'paused', text: 'Paused: checking who has access…' }
  if (!canEdit) return { kind: 'viewing', text: 'View only' }
  if (saved) return { kind: 'saved', text: 'Saved' }
  return { kind: 'saving', text: isStorageDelayed ? 'Still saving…' : 'Saving…' }
}

/** Shows the state as a small label, announced when it changes. */
export function createSaveLabel(board: Board): { element: HTMLElement; update(): void } {
  const element = h('span', { class: 'save-state', role: 'status' })
  return {
    element,
    update() {
      const { kind, text } = saveStateOf({
        status: board.status,
        saved: board.saved,
        isStorageDelayed: board.isStorageDelayed,
        isPaused: board.isPaused,
        canEdit: board.canEdit,
        synced: board.synced,
        isOnline: navigator.onLine,
      })
      if (element.textContent === text) return
      element.dataset.state = kind
      element.textContent = text
    },
  }
}
