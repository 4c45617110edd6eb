import { randomUUID } from 'node:crypto'
import { encodeRelayedBroadcast } from '@mindfuse/internal'
import {
  type ChannelServerMessage,
  isNestedDeeper,
  MAX_VALUE_DEPTH,
  type ServerMessage,
} from '@mindfuse/protocol'
import type { Relay } from '@mindfuse/shared-state'
import { requireBoard } from '../boards/access.ts'
import type { Database } from '../db/database.ts'
import { ApiError } from '../http/errors.ts'
import type { User } from '../users/schemas.ts'
import { requireWorkspace } from '../workspaces/access.ts'
import type { Broadcast } from './schemas.ts'

/**
 * Broadcasts, handed to every gateway that somebody is connected to. They are not stored: clients that are
 * not connected never receive them. Each may throw ApiError 503 where gateways cannot be reached.
 */
export interface BroadcastService {
  /** To everyone on a board, and in its channel. */
  toBoard(user: User, boardId: string, broadcast: Broadcast): Promise<void>
  /** To everyone in the channel of a workspace. */
  toWorkspace(user: User, workspaceId: string, broadcast: Broadcast): Promise<void>
}

/** Broadcasts over the relay, where only gateways that have a board or channel open listen. */
export function createBroadcastService(deps: { db: Database; relay: Relay }): BroadcastService {
  const { db, relay } = deps
  const origin = randomUUID()

  const publish = async (topic: string, message: ServerMessage | ChannelServerMessage) => {
    const frame = new TextEncoder().encode(JSON.stringify(message))
    await relay
      .publish(topic, encodeRelayedBroadcast({ origin, frame }))
      .catch((cause: unknown) => {
        const detail = 'The gateways cannot be reached; try again later'
        throw new ApiError(503, 'relay_unavailable', detail, { cause })
      })
  }

  return {
    async toBoard(user, boardId, broadcast) {
      const message = messageOf(user, broadcast)
      await requireBoard(db, user.id, boardId, 'broadcast')
      const topic = `board:${boardId}`
      await Promise.all([
        publish(boardId, { type: 'broadcast', ...message }),
        publish(topic, { type: 'channel:broadcast', topic, ...message }),
      ])
    },

    async toWorkspace(user, workspaceId, broadcast) {
      const message = messageOf(user, broadcast)
      await requireWorkspace(db, user.id, workspaceId, 'broadcast')
      const topic = `workspace:${workspaceId}`
      await publish(topic, { type: 'channel:broadcast', topic, ...message })
    },
  }
}

/** @throws ApiError 400 for a payload that is nested too deeply */
function messageOf(user: User, { event, payload }: Broadcast) {
  if (isNestedDeeper(payload, MAX_VALUE_DEPTH)) {
    const message = `lies more than ${MAX_VALUE_DEPTH} levels deep`
    throw new ApiError(400, 'validation_failed', 'The payload is nested too deeply', {
      errors: [{ pointer: '/payload', message }],
    })
  }
  const { id, name, avatarUrl } = user
  return {
    event,
    payload,
    user: { id, name, ...(avatarUrl !== null && { picture: avatarUrl }) },
    connectionId: null,
  }
}
