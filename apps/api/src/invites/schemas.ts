import { BOARD_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { boardParamsSchema, boardSchema } from '../boards/schemas.ts'
import { closedObject } from '../http/fields.ts'
import { pageSchema } from '../http/pagination.ts'
import { INVITED_ROLES } from './policy.ts'

const DAY_SECONDS = 24 * 60 * 60
const MIN_LIFETIME_SECONDS = 60
const MAX_LIFETIME_SECONDS = 30 * DAY_SECONDS
const DEFAULT_LIFETIME_SECONDS = 7 * DAY_SECONDS

/** Most seats of an invite that counts them. */
const MAX_USES = 1_000

/** What the database holds of an email. */
const MAX_EMAIL_LENGTH = 255

/** Whether an invite can be accepted, or why not. */
export const INVITE_STATES = ['open', 'expired', 'revoked', 'exhausted'] as const

/** One of {@link INVITE_STATES}. */
export type InviteState = (typeof INVITE_STATES)[number]

/** An invite as people on the board see it: everything but the link. */
export const inviteSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  boardId: Type.String({ format: 'uuid' }),
  role: Type.Enum([...BOARD_ROLES]),
  email: Type.Union([Type.String(), Type.Null()], {
    description: 'null also for those who neither made the invite nor may manage members',
  }),
  maxUses: Type.Union([Type.Integer(), Type.Null()]),
  uses: Type.Integer(),
  expiresAt: Type.String({ format: 'date-time' }),
  revokedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  createdBy: Type.String({ format: 'uuid' }),
  createdAt: Type.String({ format: 'date-time' }),
  state: Type.Enum([...INVITE_STATES]),
})

/** See {@link inviteSchema}. */
export type Invite = Static<typeof inviteSchema>

/** A page of invites. */
export const invitePageSchema = pageSchema(inviteSchema, 'A page of invites')

const LINK_NOTE = 'null where an Idempotency-Key is sent again: a link is shown once and never kept'

/** What making an invite answers: the only time that the link is shown. */
export const createdInviteSchema = Type.Object(
  {
    ...inviteSchema.properties,
    token: Type.Union([Type.String(), Type.Null()], { description: LINK_NOTE }),
    url: Type.Union([Type.String(), Type.Null()], { description: LINK_NOTE }),
  },
  { description: 'The invite, with the token and the link that are shown only once' },
)

/** See {@link createdInviteSchema}. */
export type CreatedInvite = Static<typeof createdInviteSchema>

/** Body of `POST /api/boards/:boardId/invite`. */
export const createInviteSchema = closedObject({
  role: Type.Enum([...INVITED_ROLES], { description: 'never owner: make a member one' }),
  email: Type.Optional(
    Type.String({
      format: 'email',
      maxLength: MAX_EMAIL_LENGTH,
      description: 'only an account with this verified email may accept, once',
    }),
  ),
  maxUses: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_USES })),
  expiresInSeconds: Type.Integer({
    minimum: MIN_LIFETIME_SECONDS,
    maximum: MAX_LIFETIME_SECONDS,
    default: DEFAULT_LIFETIME_SECONDS,
  }),
})

/** See {@link createInviteSchema}. */
export type CreateInvite = Static<typeof createInviteSchema>

/** A link that no longer works must not report on what the board has become. */
const previewedName = Type.Union([Type.String(), Type.Null()], {
  description: 'null unless the invite is open',
})

/** What the link reveals before sign-in. */
export const invitePreviewSchema = Type.Object(
  {
    boardName: previewedName,
    workspaceName: previewedName,
    inviterName: previewedName,
    role: Type.Enum([...BOARD_ROLES]),
    emailHint: Type.Optional(
      Type.String({ description: 'like a***@example.com; only while the invite is open' }),
    ),
    expiresAt: Type.String({ format: 'date-time' }),
    state: Type.Enum([...INVITE_STATES]),
  },
  { description: 'What the invite leads to' },
)

/** See {@link invitePreviewSchema}. */
export type InvitePreview = Static<typeof invitePreviewSchema>

/** What accepting an invite answers. */
export const acceptedInviteSchema = Type.Object(
  { board: boardSchema },
  { description: 'The board that you may open now' },
)

/** Path of one invite, for people on the board. */
export const inviteParamsSchema = Type.Object({
  ...boardParamsSchema.properties,
  inviteId: Type.String({ format: 'uuid' }),
})

/** Path of an invite by its link. Any text: a mangled link is an unknown one. */
export const inviteTokenParamsSchema = Type.Object({ token: Type.String() })
