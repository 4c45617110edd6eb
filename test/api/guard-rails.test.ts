import { RATE_LIMITS_PER_MINUTE } from '@mindfuse/api'
import { newKeyValue } from '@mindfuse/service-kit'
import { callApi, createBoard } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'
import { createLink, openAsGuest } from '../support/guests.ts'

/** So small that a limit is reached with a handful of requests. */
const FACTOR = 0.1

// A Redis database of its own: all stacks under test count the same address.
const test = testWith({ rateLimitFactor: FACTOR, redisDatabase: 1 })

describe('rate limits', () => {
  test('answer 429 with Retry-After, person by person', async ({ stack, ada, alan }) => {
    const me = (token: string) => callApi(`${stack.apiUrl}/api/auth/me`, { token })
    const limit = RATE_LIMITS_PER_MINUTE.user * FACTOR
    const answers = await Promise.all(Array.from({ length: limit + 5 }, () => me(ada.accessToken)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(5)
    expect(refused[0]!.body).toMatchObject({ code: 'rate_limited' })
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused[0]!.headers.get('ratelimit-limit'))).toBe(limit)
    expect((await me(alan.accessToken)).status).toBe(200)
  })

  test('count guesses at access tokens by address', async ({ stack }) => {
    const limit = RATE_LIMITS_PER_MINUTE.anonymous * FACTOR
    const answers = await Promise.all(
      Array.from({ length: limit + 3 }, () =>
        callApi(`${stack.apiUrl}/api/auth/me`, { token: 'guess' }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(limit)
    expect(statuses.filter((status) => status === 429)).toHaveLength(3)
  })

  test('count keys that are looked up by address, and let those that are known go on', async ({
    stack,
    as,
    alan,
  }) => {
    const { body: workspace } = await as(alan, '/api/workspaces', { body: { name: 'Team' } })
    const create = async () => {
      const body = { name: 'Robot', scopes: ['boards:read'] }
      return (await as(alan, `/api/workspaces/${workspace.id}/keys`, { body })).body
    }
    const me = async (key: string) =>
      (await callApi(`${stack.apiUrl}/api/auth/me`, { token: key })).status
    const [known, unknown] = [await create(), await create()]
    expect(await me(known.key)).toBe(200)
    const made = Array.from({ length: RATE_LIMITS_PER_MINUTE.keyLookup * FACTOR }, () =>
      newKeyValue(known.id),
    )
    await Promise.all(made.map(me))
    expect(await me(known.key)).toBe(200)
    // It would be found, if it were looked for.
    expect(await me(unknown.key)).toBe(429)
  })

  test('count the documents that guests ask for by address, however many they are', async ({
    stack,
    alan,
  }) => {
    const boardId = await createBoard(stack.apiUrl, alan.accessToken)
    const { token } = await createLink(stack, boardId, alan)
    const guests = [await openAsGuest(stack, token), await openAsGuest(stack, token)]
    const statuses: number[] = []
    for (let n = 0; n <= RATE_LIMITS_PER_MINUTE.documentWork * FACTOR; n++) {
      const { status } = await fetch(`${stack.apiUrl}/api/boards/${boardId}/export`, {
        headers: { authorization: `Bearer ${guests[n % guests.length]?.accessToken}` },
      })
      statuses.push(status)
    }
    expect(statuses).toEqual([...statuses.slice(1).map(() => 200), 429])
  })

  test('are tight on sign-in', async ({ stack }) => {
    const starts = await Promise.all(
      Array.from({ length: RATE_LIMITS_PER_MINUTE.signIn * FACTOR + 1 }, () =>
        fetch(`${stack.apiUrl}/api/auth/google`, { redirect: 'manual' }),
      ),
    )
    expect(starts.some(({ status }) => status === 429)).toBe(true)
  })
})

describe('operations', () => {
  test('health, readiness and metrics', async ({ stack }) => {
    expect((await callApi(`${stack.apiUrl}/health`)).body).toEqual({
      status: 'ok',
      db: 'ok',
      redis: 'ok',
    })
    expect((await callApi(`${stack.apiUrl}/ready`)).body).toEqual({ ready: true })
    const metrics = await (await fetch(`${stack.apiUrl}/metrics`)).text()
    for (const name of [
      'http_request_duration_seconds_count{method="GET",route="/health",status="200"}',
      'database_pool_connections{pool="requests",state="waiting"}',
      'outbox_lag_seconds',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect(metrics).toContain(name)
    }
  })

  test('answers carry the headers that browsers go by', async ({ stack }) => {
    const { headers } = await fetch(`${stack.apiUrl}/health`)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-frame-options')).toBe('DENY')
  })
})
