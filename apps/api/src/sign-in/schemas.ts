import { Type } from 'typebox'
import { closedObject } from '../http/fields.ts'
import { providerIdSchema } from '../identity-providers.ts'
import { tokenSchema } from '../sessions/schemas.ts'
import { userSchema } from '../users/schemas.ts'

/** What a finished sign-in answers a program. */
export const signInSchema = Type.Object(
  { ...tokenSchema.properties, user: userSchema },
  { description: 'An access token and its user; a browser is redirected to the web app instead' },
)

/** Parameters of the routes of one provider. */
export const providerParamsSchema = Type.Object({ provider: providerIdSchema })

/** With whom people sign in. */
export const providersSchema = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        id: providerIdSchema,
        name: Type.String({ description: 'what people read on its button' }),
      }),
    ),
  },
  { description: 'The identity providers' },
)

/** Query of the start of a sign-in. */
export const startQuerySchema = closedObject({
  login_hint: Type.Optional(
    Type.String({ maxLength: 320, description: 'email of the account to sign in with' }),
  ),
  prompt: Type.Optional(
    Type.Enum(['select_account'], {
      description: 'asks which account, also where the identity provider knows one',
    }),
  ),
  returnTo: Type.Optional(
    Type.String({ maxLength: 2048, description: 'path in the web app to go to afterwards' }),
  ),
})

/** Query of the callback. Providers add parameters of their own, so unknown ones pass. */
export const callbackQuerySchema = Type.Object({
  code: Type.Optional(Type.String({ maxLength: 4096 })),
  state: Type.Optional(Type.String({ maxLength: 1024 })),
  error: Type.Optional(Type.String({ maxLength: 1024 })),
})

/** Where a browser goes next. */
export const redirectSchema = Type.Null({ description: 'A redirect' })

/** The public keys that verify access tokens (RFC 7517). */
export const jwksSchema = Type.Object(
  {
    keys: Type.Array(Type.Object({}, { additionalProperties: true })),
  },
  { description: 'The keys, as a JSON Web Key Set (RFC 7517)' },
)
