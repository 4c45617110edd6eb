import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIdentityProvider } from './identity-provider.ts'

const ALGORITHM = 'ES256'
const CLIENT_ID = 'client'
const GRANT = { code: 'code', codeVerifier: 'verifier' }

/** What the provider answers when its keys are fetched. */
let keys: () => { status: number; body: string }
let published: JWK
let issuer: string

/** A provider whose keys are out of reach by themselves, as the local one's cannot be. */
const server = createServer(async ({ url }, response) => {
  const answer = (body: unknown) => response.end(JSON.stringify(body))
  if (url === '/jwks') {
    const { status, body } = keys()
    response.writeHead(status).end(body)
  } else if (url === '/token') answer({ id_token: await idToken() })
  else {
    const [authorization_endpoint, token_endpoint, jwks_uri] = ['authorize', 'token', 'jwks'].map(
      (path) => `${issuer}/${path}`,
    )
    answer({ issuer, authorization_endpoint, token_endpoint, jwks_uri })
  }
})

let idToken: () => Promise<string>

beforeEach(async () => {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM)
  published = { ...(await exportJWK(publicKey)), kid: 'key', alg: ALGORITHM }
  idToken = () =>
    new SignJWT({ email: 'ada@example.com', email_verified: true })
      .setProtectedHeader({ alg: ALGORITHM, kid: 'key' })
      .setSubject('ada')
      .setIssuer(issuer)
      .setAudience(CLIENT_ID)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(privateKey)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const newProvider = () =>
  createIdentityProvider({
    issuer,
    clientId: CLIENT_ID,
    clientSecret: 'secret',
    trustEmail: true,
    callbackUrl: 'http://localhost/callback',
  })

test.each([
  ['are answered with an error', { status: 503, body: '' }],
  ['are no JSON', { status: 200, body: '<html>' }],
])('keys that %s refuse nobody: try again', async (_what, answer) => {
  keys = () => answer
  const provider = newProvider()
  await expect(provider.identify(GRANT)).rejects.toMatchObject({
    status: 503,
    code: 'identity_provider_unavailable',
    retryAfterSeconds: 5,
  })
  keys = () => ({ status: 200, body: JSON.stringify({ keys: [published] }) })
  expect((await provider.identify(GRANT)).email).toBe('ada@example.com')
})

test('a token of an unknown key is refused', async () => {
  keys = () => ({ status: 200, body: JSON.stringify({ keys: [{ ...published, kid: 'other' }] }) })
  await expect(newProvider().identify(GRANT)).rejects.toMatchObject({
    status: 401,
    code: 'sign_in_refused',
  })
})
