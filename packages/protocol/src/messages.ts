import { type Static, Type } from 'typebox'
import { MAX_BROADCAST_EVENT_LENGTH } from './limits.ts'
import type { BOARD_ROLES } from './roles.ts'

/** Most ids in a selection. */
const MAX_SELECTION = 500

const pointSchema = Type.Object(
  { x: Type.Number(), y: Type.Number() },
  { additionalProperties: false },
)

const viewportSchema = Type.Object(
  { x: Type.Number(), y: Type.Number(), zoom: Type.Number({ exclusiveMinimum: 0 }) },
  { additionalProperties: false },
)

/** What is said to a board: whatever JSON, under a name of the application's. */
export const broadcastSchema = Type.Object(
  {
    event: Type.String({ minLength: 1, maxLength: MAX_BROADCAST_EVENT_LENGTH }),
    payload: Type.Unknown(),
  },
  { additionalProperties: false },
)

/** What a `whiteboard.v1` client may say in a text frame. */
export const clientMessageSchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal('presence:update'),
      cursor: Type.Union([pointSchema, Type.Null()]),
      selection: Type.Array(Type.String({ maxLength: 128 }), { maxItems: MAX_SELECTION }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { type: Type.Literal('presence:viewport'), ...viewportSchema.properties },
    { additionalProperties: false },
  ),
  Type.Object(
    { type: Type.Literal('auth:refresh'), token: Type.String({ maxLength: 4_096 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      type: Type.Literal('broadcast'),
      ...broadcastSchema.properties,
      /** Whether the sender hears it too. */
      self: Type.Optional(Type.Boolean()),
      /** Whether the sender is told that it was handed on. */
      ack: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  Type.Object({ type: Type.Literal('ping') }, { additionalProperties: false }),
])

/** See {@link clientMessageSchema}. */
export type ClientMessage = Static<typeof clientMessageSchema>

/** A person, as others on the board see them. The server takes it from the access token. */
export const presenceUserSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  picture: Type.Optional(Type.String()),
})

/** See {@link presenceUserSchema}. */
export type PresenceUser = Static<typeof presenceUserSchema>

/** What one connection shows of itself; a person may have several. */
export const presenceSchema = Type.Object({
  userId: Type.String(),
  connectionId: Type.String(),
  cursor: Type.Union([pointSchema, Type.Null()]),
  selection: Type.Array(Type.String()),
  viewport: Type.Union([viewportSchema, Type.Null()]),
})

/** See {@link presenceSchema}. */
export type Presence = Static<typeof presenceSchema>

/** Everything that a connection is held to. Sizes in bytes, rates per second; a burst is at once. */
export interface AnnouncedLimits {
  maxUpdateBytes: number
  maxSyncStep2Bytes: number
  maxAwarenessBytes: number
  maxPresenceBytes: number
  maxBoardBytes: number
  editsPerSecond: number
  editBurst: number
  awarenessPerSecond: number
  awarenessBurst: number
  presencePerSecond: number
  presenceBurst: number
  joinsPerSecond: number
  joinBurst: number
  maxBroadcastBytes: number
  broadcastsPerSecond: number
  broadcastBurst: number
  connectionsPerBoard: number
  connectionsPerUser: number
}

/** Why an edit was refused. */
export const EDIT_REFUSALS = [
  'read_only',
  'too_large',
  'board_full',
  'rate_limited',
  'storage_unavailable',
] as const

/** One of {@link EDIT_REFUSALS}. */
export type EditRefusal = (typeof EDIT_REFUSALS)[number]

/** Why a broadcast was not handed on. */
export const BROADCAST_REFUSALS = [
  'forbidden',
  'too_large',
  'rate_limited',
  /** Other gateways could not be reached: only who is on the sender's own may have heard it. */
  'relay_unavailable',
] as const

/** One of {@link BROADCAST_REFUSALS}. */
export type BroadcastRefusal = (typeof BROADCAST_REFUSALS)[number]

/** What the gateway says to a `whiteboard.v1` client in a text frame. */
export type ServerMessage =
  | {
      type: 'hello'
      connectionId: string
      user: PresenceUser
      role: (typeof BOARD_ROLES)[number]
      canBroadcast: boolean
      limits: AnnouncedLimits
      heartbeatSeconds: number
    }
  | { type: 'presence:join'; userId: string; user: PresenceUser }
  | { type: 'presence:leave'; userId: string }
  /** `full` where it is everybody, not just who changed. */
  | { type: 'presence:sync'; presences: Presence[]; full?: true }
  /** How many of this connection's edit frames were received, and how many are in Postgres. */
  | { type: 'sync:ack'; received: number; saved: number }
  /** `seq` counts this connection's edit frames from 1. */
  | { type: 'sync:rejected'; seq: number; code: EditRefusal }
  /** Whether edits are stored in time, on the gateway as a whole. */
  | { type: 'storage'; state: 'delayed' | 'ok' }
  /** Somebody said something to the board; `connectionId` is `null` where they did so over HTTP. */
  | {
      type: 'broadcast'
      event: string
      payload: unknown
      user: PresenceUser
      connectionId: string | null
    }
  /** `seq` counts this connection's broadcasts from 1. */
  | { type: 'broadcast:ack'; seq: number }
  | { type: 'broadcast:rejected'; seq: number; code: BroadcastRefusal }
  /** What the person may do on the board is another now. */
  | { type: 'role:changed'; role: (typeof BOARD_ROLES)[number]; canBroadcast: boolean }
  | { type: 'auth:expiring'; expiresAt: string }
  | { type: 'going-away'; retryAfterMs: number }
  | { type: 'error'; code: string }
  | { type: 'pong' }
