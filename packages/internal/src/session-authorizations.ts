import { presenceUserSchema } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { authorizationSchema, knownRolesSchema, MAX_AUTHORIZATIONS } from './authorizations.ts'
import { placeSchema } from './places.ts'

/** Of people and of guests, for this host alone or not. */
const MAX_SESSION_COOKIES = 4

/** SHA-256 of a session's value, in hex. */
const hashSchema = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** Body of `POST /internal/session-authorizations`: connections that session cookies or keys ask for. */
export const sessionAuthorizationsRequestSchema = Type.Object(
  {
    connections: Type.Array(
      Type.Object(
        {
          boardId: placeSchema,
          /** The session cookies of its request; the API knows which name counts. */
          cookies: Type.Array(
            Type.Object(
              {
                name: Type.String({ maxLength: 64 }),
                hash: hashSchema,
              },
              { additionalProperties: false },
            ),
            { maxItems: MAX_SESSION_COOKIES },
          ),
          /** The hash of the key of its request, which counts in place of cookies. */
          key: Type.Optional(hashSchema),
        },
        { additionalProperties: false },
      ),
      { maxItems: MAX_AUTHORIZATIONS },
    ),
    knownRoles: knownRolesSchema,
  },
  { additionalProperties: false },
)

/** See {@link sessionAuthorizationsRequestSchema}. */
export type SessionAuthorizationsRequest = Static<typeof sessionAuthorizationsRequestSchema>

/** Its reply: whose session it is and what they may do, in the order of the request; null without one. */
export const sessionAuthorizationsReplySchema = Type.Object({
  results: Type.Array(
    Type.Union([
      Type.Null(),
      Type.Object({
        sessionId: Type.String({ format: 'uuid' }),
        user: presenceUserSchema,
        ...authorizationSchema.properties,
      }),
    ]),
  ),
})

/** See {@link sessionAuthorizationsReplySchema}. */
export type SessionAuthorizationsReply = Static<typeof sessionAuthorizationsReplySchema>

/** Whose session a cookie or key is, and what they may do on a board; null where it is nobody's. */
export type SessionAuthorization = SessionAuthorizationsReply['results'][number]
