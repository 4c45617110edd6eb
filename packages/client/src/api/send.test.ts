import { beforeEach, expect, test, vi } from 'vitest'
import type { AccessToken } from '../auth/access-token.ts'
import { Tokens } from '../auth/tokens.ts'
import { createRequest, type Request } from './request.ts'
import { createSend } from './send.ts'

const MINUTE_MS = 60_000
const BOARD = { path: { boardId: '7b0c8f0e-0000-4000-8000-000000000001' } }
const ROUTE = 'DELETE /api/boards/{boardId}/thumbnail'

let sent: RequestInit[]
let fetched: number
let tokens: Tokens
let request: Request

beforeEach(({ onTestFinished }) => {
  vi.useFakeTimers({ now: 1_000_000 })
  onTestFinished(() => void vi.useRealTimers())
  sent = []
  fetched = 0
  const getToken = async (): Promise<AccessToken> => ({
    accessToken: `token ${++fetched}`,
    expiresAt: new Date(Date.now() + 15 * MINUTE_MS).toISOString(),
  })
  tokens = new Tokens({ getToken, random: () => 0 })
  onTestFinished(() => tokens.close())
  const fetch = async (_url: unknown, init: RequestInit = {}) => {
    sent.push(init)
    return new Response(null, { status: 204 })
  }
  request = createRequest(createSend({ apiUrl: 'https://api.example', tokens, fetch }))
})

const tokenOf = (init: RequestInit | undefined) => new Headers(init?.headers).get('authorization')

test('what goes on when the page is left is sent within the call, where there is a token', async () => {
  await tokens.get()
  const answered = request(ROUTE, BOARD, { keepalive: true })
  expect(sent).toMatchObject([{ method: 'DELETE', keepalive: true }])
  expect(tokenOf(sent[0])).toBe('Bearer token 1')
  await answered
})

test('it does so with a token that is about to expire, and with no other that has', async () => {
  await tokens.get()
  vi.setSystemTime(Date.now() + 15 * MINUTE_MS - 1)
  const answered = request(ROUTE, BOARD, { keepalive: true })
  expect(tokenOf(sent[0])).toBe('Bearer token 1')
  await answered
  vi.setSystemTime(Date.now() + 1)
  await request(ROUTE, BOARD, { keepalive: true })
  expect(tokenOf(sent[1])).toBe('Bearer token 2')
})

test('it does so with no token that was rejected', async () => {
  tokens.reject(await tokens.get())
  await request(ROUTE, BOARD, { keepalive: true })
  expect(tokenOf(sent[0])).toBe('Bearer token 2')
})

test('any other request ends with the page, and renews a token that is about to expire', async () => {
  await tokens.get()
  vi.setSystemTime(Date.now() + 14 * MINUTE_MS)
  await request(ROUTE, BOARD)
  expect(sent[0]?.keepalive).toBeUndefined()
  expect(tokenOf(sent[0])).toBe('Bearer token 2')
})
