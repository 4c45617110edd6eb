import { BOARD_ROLES, USER_KINDS } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { closedObject, externalIdSchema, idSchema, nameSchema } from '../http/fields.ts'
import { workspaceParamsSchema } from '../workspaces/schemas.ts'

/** Longest life of a minted token, seconds. */
const MAX_TTL_SECONDS = 3_600

/** Most boards that one request gives roles on. */
const MAX_BOARDS = 50

const ID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'

/** Body of `POST /api/auth/tokens`. */
export const mintTokenSchema = closedObject({
  user: closedObject({
    externalId: externalIdSchema,
    name: nameSchema,
    avatarUrl: Type.Optional(
      Type.String({
        maxLength: 1_024,
        pattern: '^https://[!-~]+$',
        description: 'none without it',
      }),
    ),
  }),
  boards: Type.Optional(
    Type.Record(Type.String({ pattern: ID }), Type.Enum([...BOARD_ROLES]), {
      additionalProperties: false,
      maxProperties: MAX_BOARDS,
      description:
        'roles by the ids of boards, at most 50 and none above editor. Other boards stay as they are',
    }),
  ),
  expiresInSeconds: Type.Optional(
    Type.Integer({ minimum: 60, maximum: MAX_TTL_SECONDS, default: MAX_TTL_SECONDS }),
  ),
})

/** See {@link mintTokenSchema}. */
export type MintToken = Static<typeof mintTokenSchema>

/** Answer of `POST /api/auth/tokens`. */
export const mintedTokenSchema = Type.Object(
  {
    accessToken: Type.String(),
    expiresAt: Type.String({ format: 'date-time' }),
    user: Type.Object({
      id: idSchema,
      kind: Type.Enum([...USER_KINDS]),
      externalId: Type.String(),
      name: Type.String(),
      avatarUrl: Type.Union([Type.String(), Type.Null()]),
    }),
  },
  { description: 'An access token of the app user' },
)

/** See {@link mintedTokenSchema}. */
export type MintedToken = Static<typeof mintedTokenSchema>

/** Path of an app user. */
export const appUserParamsSchema = Type.Object({
  ...workspaceParamsSchema.properties,
  externalId: externalIdSchema,
})
