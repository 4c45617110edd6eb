import { generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
  ACCESS_TOKEN_VERIFY_OPTIONS,
} from '@mindfuse/internal'
import { type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { InvalidTokenError, verifyAccessToken } from './access-token.ts'

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

const encode = (text: string) => Buffer.from(text).toString('base64url')
const findKey = async () => publicKey
const verify = (token: string) => verifyAccessToken(token, findKey)

/** A token of which one part is replaced, signed as it is: only the part is wrong with it. */
async function withPart(part: 'header' | 'payload', text: string): Promise<string> {
  const [header, payload] = (await sign(GOOD_CLAIMS)).split('.')
  const signed = part === 'header' ? `${encode(text)}.${payload}` : `${header}.${encode(text)}`
  return `${signed}.${signBytes(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

test('ADM-4: a token that holds says who it is, and for how long', async () => {
  expect(await verify(await sign(GOOD_CLAIMS))).toEqual({
    sub: USER,
    sid: SESSION,
    name: 'Ada',
    exp: now + 900,
  })
  const claims = { ...GOOD_CLAIMS, name: 'Zoë 🦊', picture: 'https://example.com/a.png', nbf: now }
  expect(await verify(await sign(claims))).toEqual({
    sub: USER,
    sid: SESSION,
    name: 'Zoë 🦊',
    picture: 'https://example.com/a.png',
    exp: now + 900,
  })
})

const BAD_TOKENS: Record<string, () => string | Promise<string>> = {
  nothing: () => '',
  'no JWT': () => 'nonsense',
  'two parts': async () => (await sign(GOOD_CLAIMS)).split('.').slice(0, 2).join('.'),
  'four parts': async () => `${await sign(GOOD_CLAIMS)}.e30`,
  'no signature': async () => `${(await sign(GOOD_CLAIMS)).split('.').slice(0, 2).join('.')}.`,
  'another’s signature': async () => {
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
  'another algorithm': () => withPart('header', JSON.stringify({ ...GOOD_HEADER, alg: 'HS256' })),
  'another type': () => sign(GOOD_CLAIMS, { typ: 'JWT' }),
  'no type': () => withPart('header', JSON.stringify({ alg: 'EdDSA', kid: 'key' })),
  'something critical': () =>
    withPart('header', JSON.stringify({ ...GOOD_HEADER, crit: ['exp'], exp: 0 })),
  'claims that are no JSON': () => withPart('payload', '{'),
  'claims that are no object': () => withPart('payload', '[]'),
  'another issuer': () => sign({ ...GOOD_CLAIMS, iss: 'https://evil.example' }),
  'another audience': () => sign({ ...GOOD_CLAIMS, aud: 'other' }),
  'other audiences': () => sign({ ...GOOD_CLAIMS, aud: ['other', 'another'] }),
  'an end that has come': () => sign({ ...GOOD_CLAIMS, exp: now }),
  'an end that is no number': () =>
    withPart('payload', JSON.stringify({ ...GOOD_CLAIMS, exp: `${now + 900}` })),
  'a beginning that has not come': () => sign({ ...GOOD_CLAIMS, nbf: now + 60 }),
  ...Object.fromEntries(
    ['iss', 'aud', ...ACCESS_TOKEN_VERIFY_OPTIONS.requiredClaims].map((claim) => [
      `no ${claim}`,
      () => without(claim),
    ]),
  ),
}

describe('ADM-4: a token does not hold, for us as for jose, with', () => {
  test.each(Object.entries(BAD_TOKENS))('%s', async (_name, make) => {
    const token = await make()
    await expect(verify(token)).rejects.toBeInstanceOf(InvalidTokenError)
    await expect(jwtVerify(token, publicKey, ACCESS_TOKEN_VERIFY_OPTIONS)).rejects.toThrow()
  })
})

test('the tokens above fail for what they say: made the same way, a good one holds', async () => {
  for (const token of [
    await withPart('header', JSON.stringify(GOOD_HEADER)),
    await withPart('payload', JSON.stringify(GOOD_CLAIMS)),
  ]) {
    expect(await verify(token)).toMatchObject({ sub: USER })
    await jwtVerify(token, publicKey, ACCESS_TOKEN_VERIFY_OPTIONS)
  }
})

describe('ADM-4: stricter than jose, a token does not hold with', () => {
  test.each<[string, () => Promise<string>]>([
    ['a line break after it', async () => `${await sign(GOOD_CLAIMS)}\n`],
    ['padding after it', async () => `${await sign(GOOD_CLAIMS)}==`],
    [
      'something critical that is no news',
      () => withPart('header', JSON.stringify({ ...GOOD_HEADER, crit: ['b64'], b64: true })),
    ],
    ['no key id', () => withPart('header', JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt' }))],
    ['ids that are none', () => sign({ ...GOOD_CLAIMS, sub: 'ada' })],
    ['several audiences', () => sign({ ...GOOD_CLAIMS, aud: [ACCESS_TOKEN_AUDIENCE, 'other'] })],
  ])('%s', async (_name, make) => {
    await expect(verify(await make())).rejects.toBeInstanceOf(InvalidTokenError)
  })
})

test('the key decides on the algorithm: one of another kind verifies nothing', async () => {
  const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const token = await sign(GOOD_CLAIMS)
  await expect(verifyAccessToken(token, async () => other)).rejects.toThrow()
})

test('no key is looked for where the header is not ours, and why there is none is passed on', async () => {
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
