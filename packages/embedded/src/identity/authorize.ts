import { type Answer, oauthError, redirect } from './answer.ts'
import type { AuthorizationCodes } from './authorization-codes.ts'
import { loopbackUrl } from './loopback-url.ts'
import { personOf } from './person.ts'
import { signInPage } from './sign-in-page.ts'

/** 32 bytes in base64url: what S256 makes of any verifier. */
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/

/**
 * The authorization endpoint: `login_hint` (an email) signs that person in at once; without it one
 * picks a person on a page. A request that cannot be answered safely is refused here; any other
 * mistake goes back to the client, as RFC 6749 (section 4.1.2.1) asks.
 */
export function authorize(request: URLSearchParams, codes: AuthorizationCodes): Answer {
  const clientId = request.get('client_id')
  const redirectUri = request.get('redirect_uri')
  const target = loopbackUrl(redirectUri)
  if (redirectUri === null || target === undefined) {
    return oauthError('invalid_request', 'redirect_uri has to lead to localhost')
  }
  if (!clientId) return oauthError('invalid_request', 'client_id is missing')

  const back = (parameters: Record<string, string>) => {
    for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value)
    const state = request.get('state')
    if (state !== null) target.searchParams.set('state', state)
    return redirect(target)
  }
  if (request.get('response_type') !== 'code') return back({ error: 'unsupported_response_type' })
  const codeChallenge = request.get('code_challenge') ?? ''
  if (request.get('code_challenge_method') !== 'S256' || !S256_CHALLENGE.test(codeChallenge)) {
    return back({ error: 'invalid_request', error_description: 'PKCE with S256 is required' })
  }

  const email = request.get('login_hint')
  const person = email === null ? undefined : personOf(email, request.get('name'))
  if (person === undefined) return signInPage(request)
  const nonce = request.get('nonce')
  return back({ code: codes.issue({ person, clientId, redirectUri, codeChallenge, nonce }) })
}
