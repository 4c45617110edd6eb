import { parseDomainEvent } from '@mindfuse/internal'
import type { SharedState } from '@mindfuse/shared-state'
import type { Rooms } from './rooms.ts'

/**
 * Fetches what the API itself stored of an open board (a version restored, an import) as soon as
 * that is told. The comparison of positions finds it too, seconds later.
 *
 * @returns ends it
 */
export function followDocumentChanges(deps: {
  sharedState: SharedState
  rooms: Rooms
}): () => void {
  return deps.sharedState.events.subscribe((message) => {
    const event = parseDomainEvent(message)
    if (event?.type !== 'board.document_changed' || event.boardId === null) return
    deps.rooms.get(event.boardId)?.repair()
  })
}
