import { type Static, Type } from 'typebox'

/**
 * `iss` of access tokens. A constant, because what ties a token to a deployment is the key it is
 * signed with, and the gateway takes keys from its own API alone.
 */
export const ACCESS_TOKEN_ISSUER = 'mindfuse'

/** `aud` of access tokens: both services accept the same token. */
export const ACCESS_TOKEN_AUDIENCE = 'mindfuse'

/** `typ` header of access tokens (RFC 9068), so that no other JWT passes for one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt'

/** The signature algorithm of access tokens (RFC 8037). */
export const ACCESS_TOKEN_ALGORITHM = 'EdDSA'

/** The claims of an access token that the services read. */
export const accessTokenClaimsSchema = Type.Object({
  /** The user's id. */
  sub: Type.String({ format: 'uuid' }),
  /** The session the token belongs to; it ends with the session. */
  sid: Type.String({ format: 'uuid' }),
  /** Name to show to others. */
  name: Type.String(),
  /** URL of a picture to show to others. */
  picture: Type.Optional(Type.String()),
  /** What kind of user it is; a person where it is missing. */
  kind: Type.Optional(Type.String()),
  /** When the token expires, seconds since 1970. */
  exp: Type.Integer(),
  /**
   * `session` where connections that it admits last until the session ends; without it they end with
   * the token.
   */
  until: Type.Optional(Type.String()),
})

/** See {@link accessTokenClaimsSchema}. */
export type AccessTokenClaims = Static<typeof accessTokenClaimsSchema>
