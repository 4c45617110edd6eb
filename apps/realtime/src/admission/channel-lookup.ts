import { isUuid, type Place, workspacePlace } from '@mindfuse/internal'
import type { Connection } from '../connection/connection.ts'
import type { Grant } from '../connection/grant.ts'
import type { ApiAccess } from './api-access.ts'
import { Refusal } from './refusal.ts'

/** Looks up what a connection may be granted in a channel. @throws Refusal */
export type ChannelLookup = (connection: Connection, topic: string) => Promise<Grant>

/** Channels are those of a board, `board:<id>`, or of a workspace, `workspace:<id>`. */
export function createChannelLookup(askApi: ApiAccess): ChannelLookup {
  return async ({ user, lease }, topic) => {
    const boardId = placeOf(topic)
    const { sessionId } = lease
    const access = await askApi({ boardId, userId: user.id, sessionId })
    const { sessionLives, role, version, canBroadcast } = access
    if (!sessionLives) throw new Refusal(401, 'session_ended', 'The session has ended')
    if (role === null) throw channelNotFound()
    return { boardId, user, role, canBroadcast, version, lease }
  }
}

/** Whose members may join a channel. @throws Refusal 404 for what is no topic */
function placeOf(topic: string): Place {
  const [kind, id = '', ...rest] = topic.split(':')
  if (rest.length > 0 || !isUuid(id) || id !== id.toLowerCase()) throw channelNotFound()
  if (kind === 'board') return id
  if (kind === 'workspace') return workspacePlace(id)
  throw channelNotFound()
}

/** The same answer for a channel of something that does not exist and for one without access. */
function channelNotFound(): Refusal {
  return new Refusal(404, 'channel_not_found', 'Channel not found, or you have no access to it')
}
