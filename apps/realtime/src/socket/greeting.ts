import type { AssetLimits } from '@mindfuse/internal'
import {
  type AnnouncedLimits,
  AWARENESS_BURST,
  AWARENESS_BYTE_BURST,
  AWARENESS_BYTES_PER_SECOND,
  AWARENESS_PER_SECOND,
  type BoardSize,
  BROADCAST_BURST,
  BROADCASTS_PER_SECOND,
  CHANNEL_JOIN_BURST,
  CHANNEL_JOINS_PER_SECOND,
  type ChannelLimits,
  DRAFT_BURST,
  DRAFT_BYTE_BURST,
  DRAFT_BYTES_PER_SECOND,
  DRAFTS_PER_SECOND,
  EDIT_BURST,
  EDIT_BYTE_BURST,
  EDIT_BYTES_PER_SECOND,
  EDITS_PER_SECOND,
  JOIN_BURST,
  JOINS_PER_SECOND,
  MAX_AWARENESS_BYTES,
  MAX_BOARD_BYTES,
  MAX_BOARD_CLIENTS,
  MAX_BOARD_DELETES,
  MAX_BOARD_PARTS,
  MAX_BROADCAST_BYTES,
  MAX_CHANNELS_PER_CONNECTION,
  MAX_CHANNELS_PER_USER,
  MAX_CONNECTIONS_PER_BOARD,
  MAX_CONNECTIONS_PER_USER,
  MAX_DRAFT_BYTES,
  MAX_DRAFTS_PER_CONNECTION,
  MAX_OPEN_BOARD_BYTES_PER_USER,
  MAX_PRESENCE_BYTES,
  MAX_SMALL_UPDATE_BYTES,
  MAX_TYPE_DEPTH,
  MAX_UNSAVED_BYTES_PER_USER,
  MAX_UPDATE_BYTES,
  MAX_UPDATE_CLIENTS,
  MAX_UPDATE_PARTS,
  PRESENCE_BURST,
  PRESENCE_PER_SECOND,
} from '@mindfuse/protocol'
import type { Connection } from '../connection/connection.ts'

/** A peer that answers no ping for this long is gone, seconds. */
export const IDLE_TIMEOUT_SECONDS = 60

const updateLimits = (bytes: number) => ({ maxUpdateBytes: bytes, maxSyncStep2Bytes: bytes })

const LIMITS: AnnouncedLimits = {
  ...updateLimits(MAX_UPDATE_BYTES),
  maxAwarenessBytes: MAX_AWARENESS_BYTES,
  maxPresenceBytes: MAX_PRESENCE_BYTES,
  maxBoardBytes: MAX_BOARD_BYTES,
  maxUpdateClients: MAX_UPDATE_CLIENTS,
  maxUpdateParts: MAX_UPDATE_PARTS,
  maxTypeDepth: MAX_TYPE_DEPTH,
  maxBoardClients: MAX_BOARD_CLIENTS,
  maxBoardParts: MAX_BOARD_PARTS,
  maxBoardDeletes: MAX_BOARD_DELETES,
  editsPerSecond: EDITS_PER_SECOND,
  editBurst: EDIT_BURST,
  editBytesPerSecond: EDIT_BYTES_PER_SECOND,
  editByteBurst: EDIT_BYTE_BURST,
  awarenessPerSecond: AWARENESS_PER_SECOND,
  awarenessBurst: AWARENESS_BURST,
  awarenessBytesPerSecond: AWARENESS_BYTES_PER_SECOND,
  awarenessByteBurst: AWARENESS_BYTE_BURST,
  presencePerSecond: PRESENCE_PER_SECOND,
  presenceBurst: PRESENCE_BURST,
  joinsPerSecond: JOINS_PER_SECOND,
  joinBurst: JOIN_BURST,
  maxBroadcastBytes: MAX_BROADCAST_BYTES,
  broadcastsPerSecond: BROADCASTS_PER_SECOND,
  broadcastBurst: BROADCAST_BURST,
  maxDraftBytes: MAX_DRAFT_BYTES,
  draftsPerConnection: MAX_DRAFTS_PER_CONNECTION,
  draftsPerSecond: DRAFTS_PER_SECOND,
  draftBurst: DRAFT_BURST,
  draftBytesPerSecond: DRAFT_BYTES_PER_SECOND,
  draftByteBurst: DRAFT_BYTE_BURST,
  connectionsPerBoard: MAX_CONNECTIONS_PER_BOARD,
  connectionsPerUser: MAX_CONNECTIONS_PER_USER,
  openBoardBytesPerUser: MAX_OPEN_BOARD_BYTES_PER_USER,
  unsavedBytesPerUser: MAX_UNSAVED_BYTES_PER_USER,
}

/** Of a person's connections beyond the first: see `MAX_LARGE_CONNECTIONS_PER_USER`. */
const SMALL_LIMITS: AnnouncedLimits = { ...LIMITS, ...updateLimits(MAX_SMALL_UPDATE_BYTES) }

/**
 * Sends `hello`: who the client is here, what it may do, and the limits that hold for it.
 * @param board its size and its name, as far as it is open
 * @param assetLimits how large files may be, where that is known
 */
export function greet(
  connection: Connection,
  board: { size: BoardSize | undefined; name: string | undefined } | undefined,
  assetLimits: AssetLimits | undefined,
): void {
  connection.sendMessage({
    type: 'hello',
    connectionId: connection.id,
    user: connection.user,
    role: connection.role,
    canBroadcast: connection.canBroadcast,
    limits: { ...(connection.isLarge ? LIMITS : SMALL_LIMITS), ...assetLimits },
    heartbeatSeconds: IDLE_TIMEOUT_SECONDS / 2,
    ...(board?.size && { board: board.size }),
    ...(board?.name !== undefined && { boardName: board.name }),
  })
}

const CHANNEL_LIMITS: ChannelLimits = {
  channelsPerConnection: MAX_CHANNELS_PER_CONNECTION,
  channelsPerUser: MAX_CHANNELS_PER_USER,
  connectionsPerUser: MAX_CONNECTIONS_PER_USER,
  channelJoinsPerSecond: CHANNEL_JOINS_PER_SECOND,
  channelJoinBurst: CHANNEL_JOIN_BURST,
  maxPresenceBytes: MAX_PRESENCE_BYTES,
  presencePerSecond: PRESENCE_PER_SECOND,
  presenceBurst: PRESENCE_BURST,
  maxBroadcastBytes: MAX_BROADCAST_BYTES,
  broadcastsPerSecond: BROADCASTS_PER_SECOND,
  broadcastBurst: BROADCAST_BURST,
}

/** The same on `/channels`. */
export function greetOnChannels(connection: Connection): void {
  connection.sendMessage({
    type: 'hello',
    connectionId: connection.id,
    user: connection.user,
    limits: CHANNEL_LIMITS,
    heartbeatSeconds: IDLE_TIMEOUT_SECONDS / 2,
  })
}
