import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { StartupError } from '@mindfuse/service-kit'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type IdentityProvider, startIdentityProvider } from './start-identity-provider.ts'

const CLIENT_ID = 'local'
const REDIRECT_URI = 'http://localhost:8080/api/auth/google/callback'
const VERIFIER = randomBytes(32).toString('base64url')

let provider: IdentityProvider
beforeAll(async () => {
  provider = await startIdentityProvider({ port: 0 })
})
afterAll(() => provider.stop())

function authorize(changes: Record<string, string | undefined> = {}): Promise<Response> {
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    scope: 'openid email profile',
    state: 'the-state',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    login_hint: 'Ada.Lovelace@Example.com',
    ...changes,
  }
  const url = new URL('/authorize', provider.issuer)
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return fetch(url, { redirect: 'manual' })
}

function location(response: Response): URL {
  expect(response.status).toBe(302)
  return new URL(response.headers.get('location') ?? '')
}

async function newCode(changes: Record<string, string> = {}): Promise<string> {
  return location(await authorize(changes)).searchParams.get('code') ?? ''
}

function exchange(
  changes: Record<string, string | undefined>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const form = new URLSearchParams()
  const fields: Record<string, string | undefined> = {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    client_secret: 'local',
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
    ...changes,
  }
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.set(name, value)
  }
  return fetch(`${provider.issuer}/token`, { method: 'POST', body: form, headers })
}

async function claimsOf(response: Response) {
  expect(response.status).toBe(200)
  const { id_token } = (await response.json()) as { id_token: string }
  const keys = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`))
  const options = { issuer: provider.issuer, audience: CLIENT_ID, algorithms: ['RS256'] }
  return (await jwtVerify(id_token, keys, options)).payload
}

async function expectInvalidGrant(response: Response): Promise<void> {
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: 'invalid_grant' })
}

describe('the authorization code flow', () => {
  it('signs in the person that login_hint names', async () => {
    const target = location(await authorize({ nonce: 'the-nonce' }))
    expect(target.origin + target.pathname).toBe(REDIRECT_URI)
    expect(target.searchParams.get('state')).toBe('the-state')

    const code = target.searchParams.get('code') ?? ''
    expect(await claimsOf(await exchange({ code }))).toMatchObject({
      email: 'ada.lovelace@example.com',
      email_verified: true,
      name: 'Ada Lovelace',
      nonce: 'the-nonce',
      sub: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  it('knows a person again, by whatever case and name', async () => {
    const first = await claimsOf(await exchange({ code: await newCode() }))
    const code = await newCode({ login_hint: 'ADA.lovelace@example.com', name: 'Countess' })
    const second = await claimsOf(await exchange({ code }))
    expect(second.sub).toBe(first.sub)
    expect(second.name).toBe('Countess')
  })

  it('takes the client from HTTP Basic', async () => {
    const code = await newCode()
    const authorization = `Basic ${Buffer.from(`${CLIENT_ID}:local`).toString('base64')}`
    const response = await exchange({ code, client_id: undefined }, { authorization })
    expect((await claimsOf(response)).aud).toBe(CLIENT_ID)
  })

  it('is described by the discovery document', async () => {
    const response = await fetch(`${provider.issuer}/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({
      issuer: provider.issuer,
      authorization_endpoint: `${provider.issuer}/authorize`,
      token_endpoint: `${provider.issuer}/token`,
      code_challenge_methods_supported: ['S256'],
    })
  })
})

describe('the token endpoint refuses', () => {
  it('a code used before', async () => {
    const code = await newCode()
    expect((await exchange({ code })).status).toBe(200)
    await expectInvalidGrant(await exchange({ code }))
  })

  it('a wrong verifier, and the code from then on', async () => {
    const code = await newCode()
    await expectInvalidGrant(await exchange({ code, code_verifier: 'x'.repeat(43) }))
    await expectInvalidGrant(await exchange({ code }))
  })

  it.each([
    ['no verifier', { code_verifier: undefined }],
    ['another client', { client_id: 'other' }],
    ['another redirect_uri', { redirect_uri: 'http://localhost:8080/elsewhere' }],
  ])('%s', async (_what, changes) => {
    await expectInvalidGrant(await exchange({ code: await newCode(), ...changes }))
  })

  it('an unknown code', async () => {
    await expectInvalidGrant(await exchange({ code: 'made-up' }))
  })

  it('other grants', async () => {
    const response = await exchange({ grant_type: 'password', username: 'root' })
    expect(await response.json()).toMatchObject({ error: 'unsupported_grant_type' })
  })

  it('an oversized form', async () => {
    expect((await exchange({ code: 'x'.repeat(20_000) })).status).toBe(413)
  })
})

describe('the authorization endpoint refuses', () => {
  it.each([
    'https://whiteboard.example.com/callback',
    'http://localhost.example.com/callback',
    'http://localhost@example.com/callback',
    'http://127.0.0.1.example.com/',
    'http://10.0.0.1/callback',
    '//localhost/callback',
    'javascript:alert(1)',
    'localhost',
  ])('to redirect to %s', async (redirect_uri) => {
    const response = await authorize({ redirect_uri })
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
  })

  it.each([
    ['no PKCE', { code_challenge: undefined }],
    ['plain PKCE', { code_challenge_method: 'plain' }],
  ])('%s, and tells the client', async (_what, changes) => {
    const { searchParams } = location(await authorize(changes))
    expect(searchParams.get('error')).toBe('invalid_request')
    expect(searchParams.get('code')).toBeNull()
  })
})

describe('the sign-in page', () => {
  it('appears where nobody is named, and its links sign in', async () => {
    const page = await authorize({ login_hint: undefined })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    const style = html.match(/<style>([^<]*)<\/style>/)?.[1] ?? ''
    const styleHash = createHash('sha256').update(style).digest('base64')
    expect(page.headers.get('content-security-policy')).toContain(`'sha256-${styleHash}'`)
    const link = html.match(/href="([^"]*grace[^"]*)"/)?.[1]?.replaceAll('&#38;', '&') ?? ''
    const target = location(await fetch(new URL(link, provider.issuer), { redirect: 'manual' }))
    const code = target.searchParams.get('code') ?? ''
    expect((await claimsOf(await exchange({ code }))).name).toBe('Grace Hopper')
  })

  it('asks again for what is no email, and runs nothing that it is given', async () => {
    const evil = '"><script>alert(1)</script>'
    const page = await authorize({ login_hint: evil, name: evil, state: evil, 'x\'"><b>': evil })
    expect(page.status).toBe(400)
    const html = await page.text()
    expect(html).toContain('is not an email address')
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<b>')
  })
})

it('says which setting to change where its port is taken', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  const start = startIdentityProvider({ port })
  await expect(start).rejects.toThrow(StartupError)
  await expect(start).rejects.toThrow('IDENTITY_PORT')
  await new Promise((resolve) => other.close(resolve))
})
