import { createHmac, generateKeyPairSync } from 'node:crypto'
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
} from '@mindfuse/service-kit/access-tokens'
import { callApi, connectRaw, createBoard } from '@mindfuse/testing'
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

/** An access token of Ada's, to be changed in one point and signed again. */
interface Forge {
  accessToken: string
  signingKey: { kid: string; private_jwk: JWK; public_jwk: JWK }
  /** Claims that hold. */
  claims: JWTPayload
  /** Signs with the API's own key, so that only what is changed is wrong. */
  signed(claims: JWTPayload, header?: object): Promise<string>
}

const test = base
  .extend('forge', { scope: 'file' }, async ({ stack, ada }): Promise<Forge> => {
    const [signingKey] = await stack.database.query('SELECT * FROM signing_keys')
    const [, payload = ''] = ada.accessToken.split('.')
    return {
      accessToken: ada.accessToken,
      signingKey,
      claims: JSON.parse(Buffer.from(payload, 'base64url').toString()),
      signed: async (claims, header = {}) =>
        new SignJWT(claims)
          .setProtectedHeader({
            alg: 'EdDSA',
            typ: ACCESS_TOKEN_TYPE,
            kid: signingKey.kid,
            ...header,
          })
          .sign(await importJWK(signingKey.private_jwk, 'EdDSA')),
    }
  })
  .extend(
    'url',
    ({ boardId, stack }) =>
      (token?: string, board = boardId) =>
        `${stack.realtimeUrl}/${board}${token === undefined ? '' : `?token=${token}`}`,
  )

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = () => Math.floor(Date.now() / 1_000)

const BAD_TOKENS: Record<string, (forge: Forge) => string | Promise<string>> = {
  'text that is no JWT': () => 'nonsense',
  'an empty one': () => '',
  'one that is over': ({ claims, signed }) => signed({ ...claims, exp: now() - 120 }),
  'one of another issuer': ({ claims, signed }) =>
    signed({ ...claims, iss: 'https://evil.example' }),
  'one for another audience': ({ claims, signed }) => signed({ ...claims, aud: 'other' }),
  'one that is no access token': ({ claims, signed }) => signed(claims, { typ: 'JWT' }),
  'one without an end': ({ claims: good, signed }) => {
    const { exp: _, ...claims } = good
    return signed(claims)
  },
  'one without a session': ({ claims: good, signed }) => {
    const { sid: _, ...claims } = good
    return signed(claims)
  },
  'one signed with another key': async ({ claims, signingKey }) => {
    const { privateKey } = generateKeyPairSync('ed25519')
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid: signingKey.kid })
      .sign(privateKey)
  },
  'one with changed claims': ({ claims, accessToken }) => {
    const [header, , signature] = accessToken.split('.')
    return `${header}.${encode({ ...claims, sub: crypto.randomUUID() })}.${signature}`
  },
  'alg none': ({ claims, signingKey }) =>
    `${encode({ alg: 'none', typ: ACCESS_TOKEN_TYPE, kid: signingKey.kid })}.${encode(claims)}.`,
  'HS256 made with the public key': ({ claims, signingKey }) => {
    const head = encode({ alg: 'HS256', typ: ACCESS_TOKEN_TYPE, kid: signingKey.kid })
    const text = `${head}.${encode(claims)}`
    const secret = JSON.stringify(signingKey.public_jwk)
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  },
}

describe('the gateway', () => {
  const refusal = (target: string, options?: { origin: string }) =>
    expect(connectRaw(target, options)).rejects

  test('ADM-1 ADM-7: admits the owner, by path and by query', async ({
    url,
    ada,
    stack,
    boardId,
  }) => {
    const byPath = await connectRaw(url(ada.accessToken))
    const byQuery = await connectRaw(
      `${stack.realtimeUrl}?boardId=${boardId}&token=${ada.accessToken}`,
    )
    const slashed = await connectRaw(url(ada.accessToken).replace('?', '/?'))
    for (const client of [byPath, byQuery, slashed]) client.destroy()
  })

  test('ADM-2: admits pages of the web origin alone, and programs without any', async ({
    url,
    ada,
  }) => {
    const page = await connectRaw(url(ada.accessToken), { origin: WEB_ORIGIN })
    page.destroy()
    for (const origin of ['https://evil.example', `${WEB_ORIGIN}.evil.example`, 'null']) {
      await refusal(url(ada.accessToken), { origin }).toEqual({
        status: 403,
        code: 'origin_not_allowed',
      })
    }
  })

  test('ADM-3: answers 401 without a token', async ({ url }) => {
    await refusal(url()).toEqual({ status: 401, code: 'token_required' })
  })

  test.for(Object.keys(BAD_TOKENS))('ADM-4: answers 401 to %s', async (kind, { forge, url }) => {
    const token = await BAD_TOKENS[kind]!(forge)
    await refusal(url(token)).toMatchObject({ status: 401 })
  })

  test('admits a token of ours made by hand: the cases above fail for what they say', async ({
    url,
    forge,
  }) => {
    const client = await connectRaw(url(await forge.signed(forge.claims)))
    client.destroy()
    expect(forge.claims).toMatchObject({ iss: ACCESS_TOKEN_ISSUER, aud: ACCESS_TOKEN_AUDIENCE })
  })

  test('ADM-5 ADM-8: answers 404 to a board that is not theirs, does not exist, or is no id', async ({
    person,
    url,
    ada,
    stack,
  }) => {
    const eve = await person('eve')
    const notFound = { status: 404, code: 'board_not_found' }
    await refusal(url(eve.accessToken)).toEqual(notFound)
    await refusal(url(ada.accessToken, crypto.randomUUID())).toEqual(notFound)
    await refusal(url(ada.accessToken, 'no-uuid')).toEqual(notFound)
    await refusal(`${stack.realtimeUrl}?token=${ada.accessToken}`).toEqual(notFound)
  })

  test('ADM-5: answers 404 to a board in the trash', async ({ stack, ada, url }) => {
    const trashed = await createBoard(stack.apiUrl, ada.accessToken)
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [trashed])
    await refusal(url(ada.accessToken, trashed)).toEqual({ status: 404, code: 'board_not_found' })
  })

  test('ADM-6: answers 503 when nobody can say what is allowed, and 101 again when the API is back', async ({
    stack,
    ada,
    url,
  }) => {
    const fresh = await createBoard(stack.apiUrl, ada.accessToken)
    await stack.stopApi()
    await refusal(url(ada.accessToken, fresh)).toEqual({
      status: 503,
      code: 'permission_unavailable',
    })
    await stack.startApi()
    const client = await connectRaw(url(ada.accessToken, fresh))
    client.destroy()
  })

  test('counts connections and rooms, and has no other route', async ({ stack, url, ada }) => {
    const base = stack.realtimeUrl.replace('ws:', 'http:').replace(/\/ws$/, '')
    const client = await connectRaw(url(ada.accessToken))
    expect((await callApi(`${base}/health`)).body).toEqual({
      status: 'ok',
      connections: 1,
      rooms: 1,
    })
    client.destroy()
    const answer = await callApi(`${base}/nothing`)
    expect(answer.status).toBe(404)
    expect(answer.body.code).toBe('route_not_found')
  })
})

describe('the API', () => {
  test.for(Object.keys(BAD_TOKENS))('ADM-4: answers 401 to %s', async (kind, { forge, stack }) => {
    const token = await BAD_TOKENS[kind]!(forge)
    const answer = await callApi(`${stack.apiUrl}/api/auth/me`, { token })
    expect(answer.status).toBe(401)
    expect(answer.body.code).toBe('unauthenticated')
  })
})
