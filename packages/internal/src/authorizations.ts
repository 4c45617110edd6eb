import { type Static, Type } from 'typebox'
import { permissionReplySchema } from './permission.ts'
import { placeSchema } from './places.ts'

/** Most connections asked about in one request. */
export const MAX_AUTHORIZATIONS = 1_000

/**
 * The roles that a gateway knows; missing from gateways older than `commenter`. It is answered `viewer` in place
 * of any other: one unknown role would make the whole reply invalid there.
 */
export const knownRolesSchema = Type.Optional(
  Type.Array(Type.String({ maxLength: 50 }), { maxItems: 20 }),
)

/** Body of `POST /internal/authorizations`: connections that are open, or want to be. */
export const authorizationsRequestSchema = Type.Object(
  {
    connections: Type.Array(
      Type.Object(
        {
          boardId: placeSchema,
          userId: Type.String({ format: 'uuid' }),
          sessionId: Type.String({ format: 'uuid' }),
        },
        { additionalProperties: false },
      ),
      { maxItems: MAX_AUTHORIZATIONS },
    ),
    knownRoles: knownRolesSchema,
  },
  { additionalProperties: false },
)

/** See {@link authorizationsRequestSchema}. */
export type AuthorizationsRequest = Static<typeof authorizationsRequestSchema>

/** What one connection may do now. */
export const authorizationSchema = Type.Object({
  ...permissionReplySchema.properties,
  /** Whether the place is neither deleted nor in the trash. */
  boardExists: Type.Boolean(),
  /** Whether the session still lives. */
  sessionLives: Type.Boolean(),
  /** What the user is called where it does; missing from an API older than names that people choose. */
  userName: Type.Optional(Type.String()),
  /** What the board is called where the user may see it; missing from an API older than that, and of other places. */
  boardName: Type.Optional(Type.String()),
})

/** Its reply: what each connection may do now, in the order of the request. */
export const authorizationsReplySchema = Type.Object({
  results: Type.Array(
    Type.Object({
      ...authorizationSchema.properties,
      /**
       * The newest event of the snapshot that this was read in, where it may be kept: the session outlasts
       * what is kept, and it is known which database this is.
       */
      asOf: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
  ),
  /** Which database this is, see `positionsReplySchema`. */
  incarnation: Type.Optional(Type.String()),
})

/** See {@link authorizationsReplySchema}. */
export type AuthorizationsReply = Static<typeof authorizationsReplySchema>

/** See {@link authorizationSchema}. */
export type Authorization = Static<typeof authorizationSchema>
