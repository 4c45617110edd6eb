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

/** `Authorization: Internal-Secret …` guards the routes under `/internal`. */
export const INTERNAL_AUTH_SCHEME = 'Internal-Secret'

/** How access tokens are verified, as options of jose’s `jwtVerify`; the gateway checks the same by itself. */
export const ACCESS_TOKEN_VERIFY_OPTIONS = {
  issuer: ACCESS_TOKEN_ISSUER,
  audience: ACCESS_TOKEN_AUDIENCE,
  typ: ACCESS_TOKEN_TYPE,
  algorithms: [ACCESS_TOKEN_ALGORITHM],
  requiredClaims: ['sub', 'sid', 'exp', 'iat', 'jti'],
}

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
  /** End of the token, seconds since 1970. */
  exp: Type.Integer(),
})

/** See {@link accessTokenClaimsSchema}. */
export type AccessTokenClaims = Static<typeof accessTokenClaimsSchema>
