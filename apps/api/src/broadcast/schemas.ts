import { broadcastSchema } from '@mindfuse/protocol'
import type { Static } from 'typebox'

/** Body of `POST /api/boards/:boardId/broadcast`: a name, and whatever JSON. */
export { broadcastSchema }

/** See {@link broadcastSchema}. */
export type Broadcast = Static<typeof broadcastSchema>
