import { randomUUID } from 'node:crypto'
import { encodeRelayedBroadcast } from '@mindfuse/internal'
import { isNestedDeeper, MAX_VALUE_DEPTH, type ServerMessage } from '@mindfuse/protocol'
import type { Relay } from '@mindfuse/shared-state'
import { requireBoard } from '../boards/access.ts'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import type { User } from '../users/schemas.ts'
import type { Broadcast } from './schemas.ts'

/** Broadcasts to boards. */
export interface BroadcastService {
  /**
   * Hands a message to every gateway that has the board open, for everyone on it. It is not stored:
   * clients that are not connected never receive it.
   *
   * @throws ApiError 503 where gateways cannot be reached
   */
  send(user: User, boardId: string, broadcast: Broadcast): Promise<void>
}

/** Broadcasts over the board's channel, which only gateways that have it open listen to. */
export function createBroadcastService(deps: { db: Database; relay: Relay }): BroadcastService {
  const { db, relay } = deps
  const origin = randomUUID()

  return {
    async send(user, boardId, { event, payload }) {
      if (isNestedDeeper(payload, MAX_VALUE_DEPTH)) {
        const message = `lies more than ${MAX_VALUE_DEPTH} levels deep`
        throw new ApiError(400, 'validation_failed', 'The payload is nested too deeply', {
          errors: [{ pointer: '/payload', message }],
        })
      }
      await requireBoard(db, user.id, boardId, 'broadcast')
      const { id, name, avatarUrl } = user
      const message: ServerMessage = {
        type: 'broadcast',
        event,
        payload,
        user: { id, name, ...(avatarUrl !== null && { picture: avatarUrl }) },
        connectionId: null,
      }
      const frame = new TextEncoder().encode(JSON.stringify(message))
      await relay
        .publish(boardId, encodeRelayedBroadcast({ origin, frame }))
        .catch((cause: unknown) => {
          const detail = 'The gateways cannot be reached; try again later'
          throw new ApiError(503, 'relay_unavailable', detail, { cause })
        })
    },
  }
}
