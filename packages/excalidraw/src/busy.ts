import type { AppState } from '@excalidraw/excalidraw/types'
import type { Busy } from './scene-sync.ts'

/** What the user is busy with, as Excalidraw has it. */
export function busyOf(state: AppState): Busy {
  const { newElement, multiElement, resizingElement, editingTextElement } = state
  const ids = [newElement, multiElement, resizingElement, editingTextElement].flatMap(
    (element) => element?.id ?? [],
  )
  const pending = [state.editingLinearElement?.elementId, state.pendingImageElementId]
  return {
    isPointerDown: state.cursorButton === 'down',
    ids: new Set([...ids, ...pending.filter((id) => id !== null && id !== undefined)]),
  }
}
