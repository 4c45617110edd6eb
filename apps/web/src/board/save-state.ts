import type { Board, ConnectionState } from '@mindfuse/client'
import { h } from '../ui/dom.ts'

/** What one is told of one's connection and edits. */
export interface SaveState {
  kind: 'saved' | 'saving' | 'offline' | 'connecting' | 'viewing'
  text: string
}

/** What to say, from what the SDK knows. */
export function saveStateOf(board: {
  status: Pick<ConnectionState, 'kind'>
  saved: boolean
  isStorageDelayed: boolean
  canEdit: boolean
  synced: boolean
  /** Whether the machine has a network; a line may take a while to be noticed as dead. */
  isOnline: boolean
}): SaveState {
  const { status, saved, isStorageDelayed, canEdit, synced, isOnline } = board
  if (
    !isOnline ||
    status.kind === 'offline' ||
    status.kind === 'denied' ||
    status.kind === 'closed'
  ) {
    return { kind: 'offline', text: saved ? 'Offline' : 'Offline: kept on this device' }
  }
  if (status.kind === 'connecting' || !synced) return { kind: 'connecting', text: 'Connecting…' }
  if (!canEdit) return { kind: 'viewing', text: 'View only' }
  if (saved) return { kind: 'saved', text: 'Saved' }
  return { kind: 'saving', text: isStorageDelayed ? 'Saving takes longer…' : 'Saving…' }
}

/** The state as a small label, read out when it changes. */
export function createSaveLabel(board: Board): { element: HTMLElement; update(): void } {
  const element = h('span', { class: 'save-state', role: 'status' })
  return {
    element,
    update() {
      const { kind, text } = saveStateOf({
        status: board.status,
        saved: board.saved,
        isStorageDelayed: board.isStorageDelayed,
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
