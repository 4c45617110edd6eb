import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

const ALGORITHM = 'RS256'
const KEY_ID = 'local'

/** The key that vouches for id_tokens, made anew at each start. */
export interface SigningKey {
  /** For `jwks_uri` (RFC 7517). */
  publicJwk: JWK
  sign(claims: JWTPayload): Promise<string>
}

/** Makes a key of the kind that Google signs with. */
export async function createSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM)
  return {
    publicJwk: { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: ALGORITHM, use: 'sig' },
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID }).sign(privateKey),
  }
}
