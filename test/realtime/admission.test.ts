import { createHmac, generateKeyPairSync } from 'node:crypto'
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
} from '@mindfuse/service-kit/access-tokens'
import { callApi, connectRaw, createBoard, type SignedIn, signIn } from '@mindfuse/testing'
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack, WEB_ORIGIN } from '../support/stack.ts'

let stack: Stack
let ada: SignedIn
let boardId: string
let signingKey: { kid: string; private_jwk: JWK; public_jwk: JWK }

beforeAll(async () => {
  stack = await startStack()
  ada = await signIn(stack.apiUrl, 'ada@example.com')
  boardId = await createBoard(stack.apiUrl, ada.accessToken)
  signingKey = (await stack.database.query('SELECT * FROM signing_keys'))[0]
})
afterAll(() => stack.stop())

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = () => Math.floor(Date.now() / 1_000)

/** The claims of a token that would hold, to be spoilt one by one. */
function goodClaims(): JWTPayload {
  const [, payload = ''] = ada.accessToken.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

/** A token signed with the API's own key, so that only what is changed is wrong with it. */
async function signed(claims: JWTPayload, header: object = {}): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({
      alg: 'EdDSA',
      typ: ACCESS_TOKEN_TYPE,
      kid: signingKey.kid,
      ...header,
    })
    .sign(await importJWK(signingKey.private_jwk, 'EdDSA'))
}

const BAD_TOKENS: Record<string, () => string | Promise<string>> = {
  'text that is no JWT': () => 'nonsense',
  'an empty one': () => '',
  'one that is over': () => signed({ ...goodClaims(), exp: now() - 60 }),
  'one of another issuer': () => signed({ ...goodClaims(), iss: 'https://evil.example' }),
  'one for another audience': () => signed({ ...goodClaims(), aud: 'other' }),
  'one that is no access token': () => signed(goodClaims(), { typ: 'JWT' }),
  'one without an end': () => {
    const { exp: _, ...claims } = goodClaims()
    return signed(claims)
  },
  'one without a session': () => {
    const { sid: _, ...claims } = goodClaims()
    return signed(claims)
  },
  'one signed with another key': async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    return new SignJWT(goodClaims())
      .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid: signingKey.kid })
      .sign(privateKey)
  },
  'one with changed claims': () => {
    const [header, , signature] = ada.accessToken.split('.')
    return `${header}.${encode({ ...goodClaims(), sub: crypto.randomUUID() })}.${signature}`
  },
  'alg none': () =>
    `${encode({ alg: 'none', typ: ACCESS_TOKEN_TYPE, kid: signingKey.kid })}.${encode(goodClaims())}.`,
  'HS256 made with the public key': () => {
    const head = encode({ alg: 'HS256', typ: ACCESS_TOKEN_TYPE, kid: signingKey.kid })
    const text = `${head}.${encode(goodClaims())}`
    const secret = JSON.stringify(signingKey.public_jwk)
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  },
}

describe('the gateway', () => {
  const url = (token?: string, board = boardId) =>
    `${stack.realtimeUrl}/${board}${token === undefined ? '' : `?token=${token}`}`
  const refusal = (target: string, options?: { origin: string }) =>
    expect(connectRaw(target, options)).rejects

  test('ADM-1 ADM-7: admits the owner, by path and by query', async () => {
    const byPath = await connectRaw(url(ada.accessToken))
    const byQuery = await connectRaw(
      `${stack.realtimeUrl}?boardId=${boardId}&token=${ada.accessToken}`,
    )
    byPath.destroy()
    byQuery.destroy()
  })

  test('ADM-2: admits pages of the web origin alone, and programs without any', async () => {
    const page = await connectRaw(url(ada.accessToken), { origin: WEB_ORIGIN })
    page.destroy()
    for (const origin of ['https://evil.example', `${WEB_ORIGIN}.evil.example`, 'null']) {
      await refusal(url(ada.accessToken), { origin }).toEqual({
        status: 403,
        code: 'origin_not_allowed',
      })
    }
  })

  test('ADM-3: answers 401 without a token', async () => {
    await refusal(url()).toEqual({ status: 401, code: 'token_required' })
  })

  test.each(Object.keys(BAD_TOKENS))('ADM-4: answers 401 to %s', async (kind) => {
    const token = await BAD_TOKENS[kind]!()
    await refusal(url(token)).toMatchObject({ status: 401 })
  })

  test('admits a token of ours made by hand: the cases above fail for what they say', async () => {
    const client = await connectRaw(url(await signed(goodClaims())))
    client.destroy()
    expect(goodClaims()).toMatchObject({ iss: ACCESS_TOKEN_ISSUER, aud: ACCESS_TOKEN_AUDIENCE })
  })

  test('ADM-5 ADM-8: answers 404 to a board that is not theirs, does not exist, or is no id', async () => {
    const alan = await signIn(stack.apiUrl, 'alan@example.com')
    const notFound = { status: 404, code: 'board_not_found' }
    await refusal(url(alan.accessToken)).toEqual(notFound)
    await refusal(url(ada.accessToken, crypto.randomUUID())).toEqual(notFound)
    await refusal(url(ada.accessToken, 'no-uuid')).toEqual(notFound)
    await refusal(`${stack.realtimeUrl}?token=${ada.accessToken}`).toEqual(notFound)
  })

  test('ADM-5: answers 404 to a board in the trash', async () => {
    const trashed = await createBoard(stack.apiUrl, ada.accessToken)
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [trashed])
    await refusal(url(ada.accessToken, trashed)).toEqual({ status: 404, code: 'board_not_found' })
  })

  test('ADM-6: answers 503 when nobody can say what is allowed, and 101 again when the API is back', async () => {
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

  test('counts connections and rooms, and has no other route', async () => {
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
  test.each(Object.keys(BAD_TOKENS))('ADM-4: answers 401 to %s', async (kind) => {
    const token = await BAD_TOKENS[kind]!()
    const answer = await callApi(`${stack.apiUrl}/api/auth/me`, { token })
    expect(answer.status).toBe(401)
    expect(answer.body.code).toBe('unauthenticated')
  })
})
