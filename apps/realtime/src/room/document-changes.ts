import { parseDomainEvent } from '@mindfuse/internal'
import type { SharedState } from '@mindfuse/shared-state'
import type { Rooms } from './rooms.ts'

/**
 * Fetches what the API itself stored of an open board (a restored version, an import) as soon as the
 * event arrives. Anti-entropy finds it too, seconds later.
 *
 * @returns ends the subscription
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
