import { type Static, Type } from 'typebox'
import { type DraftRefusal, draftChangeSchema } from './drafts.ts'
import { MAX_BROADCAST_EVENT_LENGTH, MAX_DRAFTS_PER_CONNECTION } from './limits.ts'
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

/** Of {@link broadcastSchema}. */
export const broadcastFields = {
  event: Type.String({ minLength: 1, maxLength: MAX_BROADCAST_EVENT_LENGTH }),
  payload: Type.Unknown(),
}

/** A broadcast: any JSON, with a name that the application chooses. */
export const broadcastSchema = Type.Object(broadcastFields, { additionalProperties: false })

/** A newer access token of the same user. */
export const authRefreshSchema = Type.Object(
  { type: Type.Literal('auth:refresh'), token: Type.String({ maxLength: 4_096 }) },
  { additionalProperties: false },
)

/** Is answered with a `pong`. */
export const pingSchema = Type.Object(
  { type: Type.Literal('ping') },
  { additionalProperties: false },
)

/** The messages of a `whiteboard.v1` client, one per text frame, but for {@link draftUpdateSchema}. */
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
  authRefreshSchema,
  Type.Object(
    {
      type: Type.Literal('broadcast'),
      ...broadcastFields,
      /** Whether the sender receives it too. */
      self: Type.Optional(Type.Boolean()),
      /** Whether the sender receives an acknowledgement. */
      ack: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  pingSchema,
])

/** What is new of a client's drafts. Its `type` comes first, because one of this type alone may be large. */
export const draftUpdateSchema = Type.Object(
  {
    type: Type.Literal('draft:update'),
    /** Some end, and others take their place. */
    drafts: Type.Array(draftChangeSchema, { maxItems: 2 * MAX_DRAFTS_PER_CONNECTION }),
  },
  { additionalProperties: false },
)

/** See {@link clientMessageSchema}, and {@link draftUpdateSchema}. */
export type ClientMessage = Static<typeof clientMessageSchema> | Static<typeof draftUpdateSchema>

/** A user, as others on the board see them. The server takes it from the access token. */
export const presenceUserSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  picture: Type.Optional(Type.String()),
  /** What kind of user it is, see `USER_KINDS`; a person where it is missing. Later releases may have more. */
  kind: Type.Optional(Type.String()),
})

/** See {@link presenceUserSchema}. */
export type PresenceUser = Static<typeof presenceUserSchema>

/** The presence of one connection; a user may have several. */
export const presenceSchema = Type.Object({
  userId: Type.String(),
  connectionId: Type.String(),
  cursor: Type.Union([pointSchema, Type.Null()]),
  selection: Type.Array(Type.String()),
  viewport: Type.Union([viewportSchema, Type.Null()]),
})

/** See {@link presenceSchema}. */
export type Presence = Static<typeof presenceSchema>

/** What is new of a draft, and whose it is. */
export const sentDraftSchema = Type.Object({
  connectionId: Type.String(),
  /** With a whole draft. */
  user: Type.Optional(presenceUserSchema),
  change: draftChangeSchema,
})

/** See {@link sentDraftSchema}. */
export type SentDraft = Static<typeof sentDraftSchema>

/** The limits of a connection. Sizes in bytes, rates per second; a burst is at once. */
export interface AnnouncedLimits {
  /** Of an edit on this connection: an update or a sync step 2. */
  maxUpdateBytes: number
  /** The same; gateways of earlier releases took less as an update. */
  maxSyncStep2Bytes: number
  maxAwarenessBytes: number
  maxPresenceBytes: number
  maxBoardBytes: number
  /** Clients with structs, parts, and shared types around an item, in one update: see `MAX_UPDATE_CLIENTS`, `MAX_UPDATE_PARTS` and `MAX_TYPE_DEPTH`. */
  maxUpdateClients: number
  maxUpdateParts: number
  maxTypeDepth: number
  /** Clients, parts and deleted ranges of a document. */
  maxBoardClients: number
  maxBoardParts: number
  maxBoardDeletes: number
  editsPerSecond: number
  editBurst: number
  /** Bytes of one person's edits, over all connections. */
  editBytesPerSecond: number
  editByteBurst: number
  awarenessPerSecond: number
  awarenessBurst: number
  /** Bytes of new awareness of a user on a gateway. */
  awarenessBytesPerSecond: number
  awarenessByteBurst: number
  presencePerSecond: number
  presenceBurst: number
  joinsPerSecond: number
  joinBurst: number
  maxBroadcastBytes: number
  broadcastsPerSecond: number
  broadcastBurst: number
  /** Of all drafts of a connection together; missing on gateways of earlier releases, which take none. */
  maxDraftBytes?: number
  draftsPerConnection?: number
  /** Frames of drafts; the bytes in them are those of a user on a gateway. */
  draftsPerSecond?: number
  draftBurst?: number
  draftBytesPerSecond?: number
  draftByteBurst?: number
  connectionsPerBoard: number
  connectionsPerUser: number
  /** Bytes of one person's edits that may wait to be stored, over all boards; less while others have many. */
  unsavedBytesPerUser: number
  /** Bytes of open boards after which no further one is opened for a person; less on a full gateway. */
  openBoardBytesPerUser: number
  /** Of a file beside the document; missing where the server keeps none, or the gateway has just started. */
  maxAssetBytes?: number
  /** Of all files of the board; missing where there is no limit, too. */
  maxBoardAssetBytes?: number
}

/** How large a board is. */
export interface BoardSize {
  /** Bytes of its content, about: without what was deleted. */
  bytes: number
  /** The most it may have: see `MAX_BOARD_BYTES`. */
  maxBytes: number
  /**
   * How much of what a board may have is used, of bytes, parts, clients or deleted ranges whichever is
   * highest: edits are rejected with `board_full` once they would make it more than 1.
   */
  share: number
}

/**
 * When a share of a board's size is reached, its clients are sent the size, and again when it is no longer
 * reached.
 */
export const BOARD_SIZE_STEPS = [0.8, 0.9, 0.99] as const

/** Why an edit was rejected. */
export const EDIT_REFUSALS = [
  'read_only',
  'too_large',
  /** Its structure would cost every reader too much: see `UpdateTooComplexError`. */
  'too_complex',
  /** Yjs cannot read it: see `UnsupportedContentError`. */
  'unsupported_content',
  'board_full',
  /** The storage of the board's workspace, or of its owner, is used up. */
  'quota_exceeded',
  'rate_limited',
  'storage_unavailable',
] as const

/** One of {@link EDIT_REFUSALS}. */
export type EditRefusal = (typeof EDIT_REFUSALS)[number]

/** Why a broadcast was rejected. */
export const BROADCAST_REFUSALS = [
  'forbidden',
  'too_large',
  'rate_limited',
  /** Other gateways could not be reached: only clients on the sender's own may have received it. */
  'relay_unavailable',
] as const

/** One of {@link BROADCAST_REFUSALS}. */
export type BroadcastRefusal = (typeof BROADCAST_REFUSALS)[number]

/**
 * The messages of a gateway to a `whiteboard.v1` client, one per text frame.
 *
 * @example
 * ```ts
 * import type { ServerMessage } from '@mindfuse/protocol'
 *
 * const onText = (text: string) => {
 *   const message: ServerMessage = JSON.parse(text)
 *   if (message.type === 'hello') show(`Connected as ${message.user.name}, ${message.role}`)
 *   if (message.type === 'sync:ack') show(`${message.saved} of ${message.received} edits are saved`)
 * }
 * onText('{"type":"sync:ack","received":2,"saved":1}')
 * ```
 */
export type ServerMessage =
  | {
      type: 'hello'
      connectionId: string
      user: PresenceUser
      role: (typeof BOARD_ROLES)[number]
      canBroadcast: boolean
      limits: AnnouncedLimits
      heartbeatSeconds: number
      /** Missing while the board is being loaded: `board:size` follows. */
      board?: BoardSize
      /** Missing while the board is being loaded: `board:name` follows. */
      boardName?: string
    }
  /** The board is loaded, or reached one of `BOARD_SIZE_STEPS`, or no longer does. */
  | ({ type: 'board:size' } & BoardSize)
  /** What the board is called: it is loaded, or has another name. */
  | { type: 'board:name'; name: string }
  | { type: 'presence:join'; userId: string; user: PresenceUser }
  | { type: 'presence:leave'; userId: string }
  /** With `full`, the presence of every connection, not just what changed. */
  | { type: 'presence:sync'; presences: Presence[]; full?: true }
  /** How many of this connection's edit frames were received, and how many are in Postgres. */
  | { type: 'sync:ack'; received: number; saved: number }
  /** `seq` counts this connection's edit frames from 1. */
  | { type: 'sync:rejected'; seq: number; code: EditRefusal }
  /** Whether edits are stored in time, on the gateway as a whole. */
  | { type: 'storage'; state: 'delayed' | 'ok' }
  /** While it is unconfirmed who may do what, nothing is delivered and edits are rejected. */
  | { type: 'access'; state: 'unconfirmed' | 'confirmed' }
  /** A broadcast of another client; `connectionId` is `null` if it was sent over HTTP. */
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
  /** What is new of others' drafts. */
  | { type: 'draft:sync'; drafts: SentDraft[] }
  /** Nothing of a message about drafts was delivered. */
  | { type: 'draft:rejected'; code: DraftRefusal }
  /** The user's permissions on the board changed. */
  | { type: 'role:changed'; role: (typeof BOARD_ROLES)[number]; canBroadcast: boolean }
  | { type: 'auth:expiring'; expiresAt: string }
  | { type: 'going-away'; retryAfterMs: number }
  | { type: 'error'; code: string }
  | { type: 'pong' }
