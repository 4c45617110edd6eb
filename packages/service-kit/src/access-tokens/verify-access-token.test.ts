import {
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto'
import { type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { CLOCK_TOLERANCE_SECONDS } from '../clock-skew.ts'
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER, ACCESS_TOKEN_TYPE } from './claims.ts'
import { InvalidTokenError, verifyAccessToken } from './verify-access-token.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const now = Math.floor(Date.now() / 1_000)
const USER = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
const SESSION = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb'

const GOOD_HEADER = { alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid: 'key' }
const GOOD_CLAIMS: JWTPayload = {
  iss: ACCESS_TOKEN_ISSUER,
  aud: ACCESS_TOKEN_AUDIENCE,
  sub: USER,
  sid: SESSION,
  name: 'Ada',
  iat: now,
  exp: now + 900,
  jti: 'one',
}

const sign = (claims: JWTPayload, header: object = {}, key: KeyObject = privateKey) =>
  new SignJWT(claims).setProtectedHeader({ ...GOOD_HEADER, ...header }).sign(key)
const without = (claim: string) =>
  sign(Object.fromEntries(Object.entries(GOOD_CLAIMS).filter(([name]) => name !== claim)))

const REQUIRED_CLAIMS = ['iss', 'aud', 'sub', 'sid', 'exp', 'iat', 'jti']

/** What we check, as jose takes it: a second opinion on each token below. */
const JOSE_OPTIONS: JWTVerifyOptions = {
  issuer: ACCESS_TOKEN_ISSUER,
  audience: ACCESS_TOKEN_AUDIENCE,
  typ: ACCESS_TOKEN_TYPE,
  algorithms: ['EdDSA'],
  requiredClaims: REQUIRED_CLAIMS,
  clockTolerance: CLOCK_TOLERANCE_SECONDS,
}

const encode = (text: string) => Buffer.from(text).toString('base64url')
const findKey = async () => publicKey
const verify = (token: string) => verifyAccessToken(token, findKey)

/** A token of which one part is replaced, and signed that way: nothing else is wrong with it. */
async function withPart(part: 'header' | 'payload', text: string): Promise<string> {
  const [header, payload] = (await sign(GOOD_CLAIMS)).split('.')
  const signed = part === 'header' ? `${encode(text)}.${payload}` : `${header}.${encode(text)}`
  return `${signed}.${signBytes(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

/** RFC 8725, 2.1: a verifier that follows the header would take the public key for a secret. */
function signWithPublicKeyAsSecret(): string {
  const signed = [{ ...GOOD_HEADER, alg: 'HS256' }, GOOD_CLAIMS]
    .map((part) => encode(JSON.stringify(part)))
    .join('.')
  const secret = publicKey.export({ type: 'spki', format: 'pem' })
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** The same signature with spare bits set in its last character. */
function respellSignature(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return `${token.slice(0, -1)}${alphabet[alphabet.indexOf(token.slice(-1)) + 1]}`
}

test('ADM-4: a valid token yields its claims', async () => {
  expect(await verify(await sign(GOOD_CLAIMS))).toEqual({
    sub: USER,
    sid: SESSION,
    name: 'Ada',
    exp: now + 900,
  })
  const optional = { name: 'Zoë 🦊', picture: 'https://example.com/a.png', until: 'session' }
  const claims = { ...GOOD_CLAIMS, ...optional, nbf: now }
  expect(await verify(await sign(claims))).toEqual({
    sub: USER,
    sid: SESSION,
    ...optional,
    exp: now + 900,
  })
})

test.each([-CLOCK_TOLERANCE_SECONDS, 0, CLOCK_TOLERANCE_SECONDS - 1])(
  'ADM-4: a token of a minute is valid when it is signed by a clock that is %d s behind',
  async (seconds) => {
    const signedAt = now - seconds
    const claims = { ...GOOD_CLAIMS, iat: signedAt, nbf: signedAt, exp: signedAt + 60 }
    const token = await sign(claims)
    vi.useFakeTimers({ now: now * 1_000, toFake: ['Date'] })
    try {
      expect(await verify(token)).toMatchObject({ exp: claims.exp })
      await jwtVerify(token, publicKey, JOSE_OPTIONS)
      // A whole life later by the clock of who signed it, and as much as clocks may differ.
      vi.setSystemTime((claims.exp + CLOCK_TOLERANCE_SECONDS) * 1_000)
      await expect(verify(token)).rejects.toThrow('time')
    } finally {
      vi.useRealTimers()
    }
  },
)

const BAD_TOKENS: Record<string, () => string | Promise<string>> = {
  nothing: () => '',
  'no JWT': () => 'nonsense',
  'two parts': async () => (await sign(GOOD_CLAIMS)).split('.').slice(0, 2).join('.'),
  'a part cut off': async () => (await sign(GOOD_CLAIMS)).slice(0, -1),
  'four parts': async () => `${await sign(GOOD_CLAIMS)}.e30`,
  'no signature': async () => `${(await sign(GOOD_CLAIMS)).split('.').slice(0, 2).join('.')}.`,
  'the signature of another token': async () => {
    const [header, payload] = (await sign(GOOD_CLAIMS)).split('.')
    return `${header}.${payload}.${(await sign({ ...GOOD_CLAIMS, jti: '2' })).split('.')[2]}`
  },
  'a signature by another key': () =>
    sign(GOOD_CLAIMS, {}, generateKeyPairSync('ed25519').privateKey),
  'changed claims': async () => {
    const [header, , signature] = (await sign(GOOD_CLAIMS)).split('.')
    return `${header}.${encode(JSON.stringify({ ...GOOD_CLAIMS, sub: SESSION }))}.${signature}`
  },
  'a header that is no JSON': () => withPart('header', '{'),
  'a header that is no object': () => withPart('header', 'null'),
  'alg none': () => withPart('header', JSON.stringify({ ...GOOD_HEADER, alg: 'none' })),
  'HS256 with the public key as its secret': signWithPublicKeyAsSecret,
  'another algorithm': () => withPart('header', JSON.stringify({ ...GOOD_HEADER, alg: 'HS256' })),
  'another type': () => sign(GOOD_CLAIMS, { typ: 'JWT' }),
  'no type': () => withPart('header', JSON.stringify({ alg: 'EdDSA', kid: 'key' })),
  'a critical extension': () =>
    withPart('header', JSON.stringify({ ...GOOD_HEADER, crit: ['exp'], exp: 0 })),
  'a megabyte for a header': () => withPart('header', 'x'.repeat(1 << 20)),
  'characters of other alphabets': async () => (await sign(GOOD_CLAIMS)).replace(/^e/, '+'),
  'claims that are no JSON': () => withPart('payload', '{'),
  'claims that are no object': () => withPart('payload', '[]'),
  'another issuer': () => sign({ ...GOOD_CLAIMS, iss: 'https://evil.example' }),
  'another audience': () => sign({ ...GOOD_CLAIMS, aud: 'other' }),
  'other audiences': () => sign({ ...GOOD_CLAIMS, aud: ['other', 'another'] }),
  'an exp that passed a minute ago': () =>
    sign({ ...GOOD_CLAIMS, exp: now - CLOCK_TOLERANCE_SECONDS }),
  'an exp that is no number': () =>
    withPart('payload', JSON.stringify({ ...GOOD_CLAIMS, exp: `${now + 900}` })),
  'an nbf in more than a minute': () =>
    sign({ ...GOOD_CLAIMS, nbf: now + 2 * CLOCK_TOLERANCE_SECONDS }),
  ...Object.fromEntries(REQUIRED_CLAIMS.map((claim) => [`no ${claim}`, () => without(claim)])),
}

describe('ADM-4: a token is invalid, for us and for jose, with', () => {
  test.each(Object.entries(BAD_TOKENS))('%s', async (_name, make) => {
    const token = await make()
    await expect(verify(token)).rejects.toBeInstanceOf(InvalidTokenError)
    await expect(jwtVerify(token, publicKey, JOSE_OPTIONS)).rejects.toThrow()
  })
})

test('the tokens above fail for what their titles name: a good one made the same way is valid', async () => {
  for (const token of [
    await withPart('header', JSON.stringify(GOOD_HEADER)),
    await withPart('payload', JSON.stringify(GOOD_CLAIMS)),
  ]) {
    expect(await verify(token)).toMatchObject({ sub: USER })
    await jwtVerify(token, publicKey, JOSE_OPTIONS)
  }
})

describe('ADM-4: stricter than jose, a token is invalid with', () => {
  test.each<[string, () => Promise<string>]>([
    ['a line break after it', async () => `${await sign(GOOD_CLAIMS)}\n`],
    ['its signature spelt otherwise', async () => respellSignature(await sign(GOOD_CLAIMS))],
    ['padding after it', async () => `${await sign(GOOD_CLAIMS)}==`],
    [
      'a critical extension that jose knows',
      () => withPart('header', JSON.stringify({ ...GOOD_HEADER, crit: ['b64'], b64: true })),
    ],
    ['no key id', () => withPart('header', JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt' }))],
    ['ids that are no UUIDs', () => sign({ ...GOOD_CLAIMS, sub: 'ada' })],
    ['several audiences', () => sign({ ...GOOD_CLAIMS, aud: [ACCESS_TOKEN_AUDIENCE, 'other'] })],
  ])('%s', async (_name, make) => {
    await expect(verify(await make())).rejects.toBeInstanceOf(InvalidTokenError)
  })
})

test.each<[string, () => KeyObject]>([
  ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey],
  ['Ed448', () => generateKeyPairSync('ed448').publicKey],
  ['X25519', () => generateKeyPairSync('x25519').publicKey],
  ['secret', () => createSecretKey(Buffer.alloc(32))],
])('ADM-4: a key of another kind verifies nothing: %s', async (_name, make) => {
  const token = await sign(GOOD_CLAIMS)
  await expect(verifyAccessToken(token, async () => make())).rejects.toBeInstanceOf(
    InvalidTokenError,
  )
})

test('looks up no key for a foreign header, and passes on why a lookup failed', async () => {
  const asked: string[] = []
  const noKey = new Error('no such key')
  const find = async (kid: string): Promise<KeyObject> => {
    asked.push(kid)
    throw noKey
  }
  await expect(
    verifyAccessToken(await sign(GOOD_CLAIMS, { typ: 'JWT' }), find),
  ).rejects.toBeInstanceOf(InvalidTokenError)
  expect(asked).toEqual([])
  await expect(verifyAccessToken(await sign(GOOD_CLAIMS), find)).rejects.toBe(noKey)
  expect(asked).toEqual(['key'])
})
