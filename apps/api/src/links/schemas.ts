import { BOARD_ROLES } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { boardParamsSchema } from '../boards/schemas.ts'
import { closedObject, idSchema, nameSchema } from '../http/fields.ts'
import { pageSchema } from '../http/pagination.ts'
import { INVITED_ROLES } from '../invites/policy.ts'
import { tokenSchema } from '../sessions/schemas.ts'
import { userSchema } from '../users/schemas.ts'

const MAX_PASSWORD_LENGTH = 256

/** Whether a link can be opened, or why not. */
export const LINK_STATES = ['open', 'expired', 'revoked'] as const

/** One of {@link LINK_STATES}. */
export type LinkState = (typeof LINK_STATES)[number]

const timeOrNull = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const linkRoleSchema = Type.Enum([...INVITED_ROLES])

/** A link as those see it who may share the board: everything but its token and password. */
export const linkSchema = Type.Object({
  id: idSchema,
  boardId: idSchema,
  role: linkRoleSchema,
  label: Type.Union([Type.String(), Type.Null()]),
  hasPassword: Type.Boolean(),
  expiresAt: timeOrNull,
  revokedAt: timeOrNull,
  uses: Type.Integer({ description: 'how many people and guests got access by it' }),
  lastOpenedAt: timeOrNull,
  createdBy: idSchema,
  createdAt: Type.String({ format: 'date-time' }),
  state: Type.Enum([...LINK_STATES]),
})

/** See {@link linkSchema}. */
export type Link = Static<typeof linkSchema>

/** A page of links. */
export const linkPageSchema = pageSchema(linkSchema, 'A page of links')

const SECRET_NOTE = 'null where an Idempotency-Key is sent again: it is shown once and never kept'

/** What making a link answers: the only time that its token is shown. */
export const createdLinkSchema = Type.Object(
  {
    ...linkSchema.properties,
    token: Type.Union([Type.String(), Type.Null()], { description: SECRET_NOTE }),
    url: Type.Union([Type.String(), Type.Null()], { description: SECRET_NOTE }),
  },
  { description: 'The link, with the token and the address that are shown only once' },
)

/** See {@link createdLinkSchema}. */
export type CreatedLink = Static<typeof createdLinkSchema>

/** Body of `POST /api/boards/:boardId/links`. */
export const createLinkSchema = closedObject({
  role: Type.Enum([...INVITED_ROLES], { description: 'never owner: make a member one' }),
  label: Type.Optional(nameSchema),
  expiresAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'without it the link lasts until revoked' }),
  ),
  password: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_PASSWORD_LENGTH,
      description: 'asked for once of each person and guest',
    }),
  ),
})

/** See {@link createLinkSchema}. */
export type CreateLink = Static<typeof createLinkSchema>

/** What a link says before it is opened. */
export const linkPreviewSchema = Type.Object(
  {
    boardName: Type.String(),
    sharedBy: Type.String({ description: 'the name of who made the link' }),
    role: linkRoleSchema,
    needsPassword: Type.Boolean(),
    needsName: Type.Boolean({
      description: 'whether a guest has to give a name for the role; without one they only look',
    }),
  },
  { description: 'What the link leads to' },
)

/** See {@link linkPreviewSchema}. */
export type LinkPreview = Static<typeof linkPreviewSchema>

/** Body of `POST /api/links/:token/open`. */
export const openLinkSchema = closedObject({
  name: Type.Optional(
    Type.String({
      ...nameSchema,
      description: 'of a guest; people have the name of their account',
    }),
  ),
  password: Type.Optional(Type.String({ maxLength: MAX_PASSWORD_LENGTH })),
})

/** What opening a link answers. */
export const openedLinkSchema = Type.Object(
  {
    ...tokenSchema.properties,
    user: userSchema,
    boardId: idSchema,
    role: Type.Enum([...BOARD_ROLES]),
  },
  { description: 'An access token for the board, and whose it is' },
)

/** Path of one link, for people on the board. */
export const linkParamsSchema = Type.Object({ ...boardParamsSchema.properties, linkId: idSchema })

/** Path of a link by its token. Any text: a mangled token is an unknown one. */
export const linkTokenParamsSchema = Type.Object({ token: Type.String() })
