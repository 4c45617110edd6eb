import { type Static, Type } from 'typebox'
import { closedObject } from '../http/fields.ts'

/** An access token and when it ends. */
export const tokenSchema = Type.Object(
  {
    accessToken: Type.String(),
    expiresAt: Type.String({ format: 'date-time' }),
  },
  { description: 'An access token and its end' },
)

/** Query of `POST /api/auth/token`. */
export const refreshQuerySchema = closedObject({
  optional: Type.Boolean({
    default: false,
    description: 'Whether having no session is no failure',
  }),
})

/**
 * What trading the session cookie returns. Tabs share the cookie: this is how one learns that another
 * person has signed in.
 */
export const refreshedTokenSchema = Type.Object(
  { ...tokenSchema.properties, userId: Type.String({ format: 'uuid' }) },
  { description: 'An access token, its end and its user' },
)

/** A sign-in of a person on one device. */
export const sessionSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  /** Whether this very request was made in it. */
  current: Type.Boolean(),
  ip: Type.Union([Type.String(), Type.Null()]),
  userAgent: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String({ format: 'date-time' }),
  lastUsedAt: Type.String({ format: 'date-time' }),
  expiresAt: Type.String({ format: 'date-time' }),
})

/** See {@link sessionSchema}. */
export type Session = Static<typeof sessionSchema>

/** All of a person's sessions; there are few enough for one page. */
export const sessionListSchema = Type.Object(
  {
    items: Type.Array(sessionSchema),
    nextCursor: Type.Null(),
  },
  { description: 'Your sessions that have not ended' },
)

/** Path of one session. */
export const sessionParamsSchema = Type.Object({ sessionId: Type.String({ format: 'uuid' }) })
