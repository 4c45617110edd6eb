import { presenceUserSchema } from '@mindfuse/protocol'
import { type Static, Type } from 'typebox'
import { authorizationSchema, knownRolesSchema, MAX_AUTHORIZATIONS } from './authorizations.ts'

/** Body of `POST /internal/session-authorizations`: connections that session cookies ask for. */
export const sessionAuthorizationsRequestSchema = Type.Object(
  {
    connections: Type.Array(
      Type.Object(
        {
          boardId: Type.String({ format: 'uuid' }),
          /** The session cookies of its request; the API knows which name counts. */
          cookies: Type.Array(
            Type.Object(
              {
                name: Type.String({ maxLength: 64 }),
                /** SHA-256 of the value, in hex. */
                hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
              },
              { additionalProperties: false },
            ),
            { maxItems: 2 },
          ),
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

/** Whose session a cookie is, and what they may do on a board; null where it is nobody's. */
export type SessionAuthorization = SessionAuthorizationsReply['results'][number]
