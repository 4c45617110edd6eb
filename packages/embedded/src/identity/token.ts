import { createHash, randomBytes } from 'node:crypto'
import { type Answer, json, oauthError } from './answer.ts'
import type { AuthorizationCodes, Grant } from './authorization-codes.ts'
import type { SigningKey } from './signing-key.ts'

const TOKEN_TTL_SECONDS = 3_600

/**
 * The token endpoint: takes an authorization code and the PKCE verifier, answers an id_token. A
 * code presented once is used up, also by a request that is refused. Client secrets are not
 * looked at.
 *
 * @param body the form that was posted
 * @param authorization the header, which may carry the client's id (`client_secret_basic`)
 */
export async function exchangeCode(
  body: URLSearchParams,
  authorization: string | undefined,
  codes: AuthorizationCodes,
  signer: { issuer: string; key: SigningKey },
): Promise<Answer> {
  if (body.get('grant_type') !== 'authorization_code') {
    return oauthError('unsupported_grant_type', 'only authorization_code is supported')
  }
  const grant = codes.redeem(body.get('code') ?? '')
  if (!grant) return oauthError('invalid_grant', 'the code is unknown, used or expired')
  if ((basicUser(authorization) ?? body.get('client_id')) !== grant.clientId) {
    return oauthError('invalid_grant', 'the code was issued to another client')
  }
  if (body.get('redirect_uri') !== grant.redirectUri) {
    return oauthError('invalid_grant', 'redirect_uri is not the one that the code was sent to')
  }
  if (s256(body.get('code_verifier') ?? '') !== grant.codeChallenge) {
    return oauthError('invalid_grant', 'code_verifier does not match the code_challenge')
  }
  return json(200, {
    // Gives access to nothing here: clients read the person from the id_token.
    access_token: randomBytes(32).toString('base64url'),
    token_type: 'Bearer',
    expires_in: TOKEN_TTL_SECONDS,
    id_token: await signIdToken(grant, signer),
  })
}

function signIdToken(
  { person, clientId, nonce }: Grant,
  { issuer, key }: { issuer: string; key: SigningKey },
): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1_000)
  return key.sign({
    ...person,
    email_verified: true,
    ...(nonce !== null && { nonce }),
    iss: issuer,
    aud: clientId,
    iat: issuedAt,
    exp: issuedAt + TOKEN_TTL_SECONDS,
  })
}

function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/** The user of HTTP Basic, form-encoded within as RFC 6749 (section 2.3.1) has it. */
function basicUser(authorization: string | undefined): string | undefined {
  const encoded = authorization?.match(/^Basic (.+)$/i)?.[1]
  if (encoded === undefined) return undefined
  const [user = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  return new URLSearchParams(`user=${user}`).get('user') ?? undefined
}
