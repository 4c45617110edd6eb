import { parseDomainEvent } from '@mindfuse/internal'
import { CLOSE_CODES } from '@mindfuse/protocol'
import type { SharedState } from '@mindfuse/shared-state'
import type { Rooms } from './rooms.ts'

const REPLACED = 'the document was replaced: reconnect'

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
    const room = deps.rooms.get(event.boardId)
    // What this gateway has of it would be merged into the new one, with what made it unusable.
    if (event.isReplaced) room?.close(CLOSE_CODES.STORAGE_UNAVAILABLE, REPLACED)
    else room?.repair()
  })
}
