import { type Static, Type } from 'typebox'
import {
  authRefreshSchema,
  broadcastFields,
  type PresenceUser,
  pingSchema,
  type ServerMessage,
} from './messages.ts'
import type { BoardRole } from './roles.ts'

/** Longest topic that is read, characters: those there are have 46 at most. */
const MAX_TOPIC_LENGTH = 128

const fields = {
  topic: Type.String({ maxLength: MAX_TOPIC_LENGTH }),
  /** What the reply repeats; without it there is a reply to a refusal alone. */
  ref: Type.Optional(Type.Integer({ minimum: 0 })),
}

/** The messages of a client on `/channels`, one per text frame. */
export const channelClientMessageSchema = Type.Union([
  Type.Object({ type: Type.Literal('channel:join'), ...fields }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal('channel:leave'), ...fields }, { additionalProperties: false }),
  Type.Object(
    {
      type: Type.Literal('channel:presence'),
      ...fields,
      /** Any JSON; `null` for no presence any longer. */
      state: Type.Unknown(),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      type: Type.Literal('channel:broadcast'),
      ...fields,
      ...broadcastFields,
      /** Whether the sender receives it too. */
      self: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  authRefreshSchema,
  pingSchema,
])

/** See {@link channelClientMessageSchema}. */
export type ChannelClientMessage = Static<typeof channelClientMessageSchema>

/** A connection that is present in a channel, and its state: any JSON but `null`. */
export interface ChannelPresence {
  connectionId: string
  user: PresenceUser
  state: unknown
}

/** The limits of a connection to `/channels`. Sizes in bytes, rates per second; a burst is at once. */
export interface ChannelLimits {
  channelsPerConnection: number
  /** Channels of one user, over all connections to a gateway. */
  channelsPerUser: number
  connectionsPerUser: number
  channelJoinsPerSecond: number
  channelJoinBurst: number
  maxPresenceBytes: number
  /** Of each channel; so are those of broadcasts. */
  presencePerSecond: number
  presenceBurst: number
  maxBroadcastBytes: number
  broadcastsPerSecond: number
  broadcastBurst: number
}

/** Why a message about a channel was refused, besides what broadcasts and upgrades are refused for. */
export type ChannelRefusal =
  /** The channel was not joined, or has been left or closed. */
  | 'not_joined'
  | 'already_joined'
  | 'too_many_channels'
  /** Nobody confirms who may do what at the moment: send it again once `access` says so. */
  | 'unconfirmed'

/** What a gateway says to a client about one of its channels. */
export type ChannelServerMessage =
  /** The answer to a join. */
  | {
      type: 'channel:joined'
      topic: string
      ref?: number
      connectionId: string
      role: BoardRole
      canBroadcast: boolean
    }
  /** The answer to everything else. */
  | { type: 'channel:reply'; topic: string; ref?: number; status: 'ok' }
  /** A join is refused with what an upgrade would be, or a {@link ChannelRefusal}. */
  | { type: 'channel:reply'; topic: string; ref?: number; status: 'error'; code: string }
  /** Connections whose state is new, and those that are not present any longer. With `full`, these are all. */
  | {
      type: 'channel:presence'
      topic: string
      presences: ChannelPresence[]
      left?: string[]
      full?: true
    }
  /** A broadcast; `connectionId` is `null` if it was sent over HTTP. */
  | {
      type: 'channel:broadcast'
      topic: string
      event: string
      payload: unknown
      user: PresenceUser
      connectionId: string | null
    }
  /** The channel has ended for this client, and no other: the close code of a board, see `CLOSE_CODES`. */
  | { type: 'channel:closed'; topic: string; code: number; reason: string }

/** The first message on `/channels`. */
export interface ChannelHello {
  type: 'hello'
  connectionId: string
  user: PresenceUser
  limits: ChannelLimits
  heartbeatSeconds: number
}

/** What is received on `/channels`: what is also sent on boards has a topic where it is about a channel. */
export type ChannelReceived =
  | ChannelServerMessage
  | ChannelHello
  | (Exclude<ServerMessage, { type: 'hello' }> & { topic?: string })
