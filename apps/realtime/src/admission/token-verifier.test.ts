import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
} from '@mindfuse/service-kit/access-tokens'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTokenVerifier, type TokenVerifier } from './token-verifier.ts'

const { publicKey, privateKey } = await generateKeyPair('EdDSA')
const jwk = { ...(await exportJWK(publicKey)), kid: 'key', alg: 'EdDSA' }
const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })))
let verify: TokenVerifier

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  verify = createTokenVerifier({ apiUrl: `http://127.0.0.1:${port}` })
})
afterAll(() => void server.close())

function sign(subject = crypto.randomUUID()): Promise<string> {
  return new SignJWT({ sid: crypto.randomUUID(), name: 'Ada' })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'key', typ: ACCESS_TOKEN_TYPE })
    .setSubject(subject)
    .setIssuer(ACCESS_TOKEN_ISSUER)
    .setAudience(ACCESS_TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime('15 minutes')
    .setJti(crypto.randomUUID())
    .sign(privateKey)
}

test('a token that held is not verified again', async () => {
  const token = await sign()
  const claims = await verify(token)
  expect(await verify(token)).toBe(claims)
  const subject = crypto.randomUUID()
  const [one, other] = [await verify(await sign(subject)), await verify(await sign(subject))]
  expect(one).toMatchObject({ sub: subject })
  expect(one).not.toBe(other)
})

test('ADM-4: a remembered token that has expired is invalid', async () => {
  const token = await sign()
  await verify(token)
  vi.useFakeTimers({ now: Date.now() + 15.5 * 60_000, toFake: ['Date'] })
  try {
    // By this clock; that of the API may be behind.
    await verify(token)
    vi.setSystemTime(Date.now() + 60_000)
    await expect(verify(token)).rejects.toMatchObject({ status: 401, code: 'token_invalid' })
  } finally {
    vi.useRealTimers()
  }
})

test('ADM-4: a changed token is another one', async () => {
  const token = await sign()
  await verify(token)
  const changed = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`
  await expect(verify(changed)).rejects.toMatchObject({ status: 401, code: 'token_invalid' })
})
