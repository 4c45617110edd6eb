import { openDatabase, rotateSigningKeys } from '@mindfuse/api'
import { domainEventSchema } from '@mindfuse/internal'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import { callApi, eventually, signIn } from '@mindfuse/testing'
import { Value } from 'typebox/value'
import { describe, expect, inject } from 'vitest'
import { test } from '../support/fixtures.ts'

describe('sessions', () => {
  test('are listed, the one in use marked, and ended one by one', async ({ person, as }) => {
    const here = await person('ada')
    const there = await person('ada')
    const { body } = await as(here, '/api/auth/sessions')
    expect(body.items).toHaveLength(2)
    const other = body.items.find((session: { current: boolean }) => !session.current)

    const revoked = await as(here, `/api/auth/sessions/${other.id}`, { method: 'DELETE' })
    expect(revoked.status).toBe(204)
    expect((await as(there, '/api/auth/me')).status).toBe(401)
    expect((await as(here, '/api/auth/me')).status).toBe(200)
    expect((await as(here, '/api/auth/sessions')).body.items).toHaveLength(1)
  })

  test('are a hundred of a person: one more ends the one used longest ago', async ({
    person,
    stack,
    as,
  }) => {
    const first = await person('many')
    const { database } = stack
    const userId = first.user.id
    await database.query(
      `UPDATE sessions SET rotated_at = now() - interval '1 hour' WHERE user_id = $1`,
      [userId],
    )
    await database.query(
      `INSERT INTO sessions (user_id, token, expires_at, rotated_at)
       SELECT $1, gen_random_uuid()::text, now() + interval '1 day', now() - i * interval '1 second'
       FROM generate_series(1, 98) AS i`,
      [userId],
    )
    await person('many')
    expect((await as(first, '/api/auth/me')).status).toBe(200)
    const last = await person('many')
    expect((await as(first, '/api/auth/me')).status).toBe(401)
    expect((await as(last, '/api/auth/sessions')).body.items).toHaveLength(100)
    const [event] = await database.query(
      `SELECT data->'sessions' AS sessions FROM events WHERE type = 'session.revoked' AND user_id = $1`,
      [userId],
    )
    expect(event.sessions).toHaveLength(1)
  })

  test('that end leave no row, however often people sign in and out', async ({
    person,
    stack,
    as,
  }) => {
    const eve = await person('eve')
    expect((await as(eve, '/api/auth/logout', { method: 'POST' })).status).toBe(204)
    const rows = await stack.database.query('SELECT FROM sessions WHERE user_id = $1', [
      eve.user.id,
    ])
    expect(rows).toEqual([])
  })

  test('are no failure to lack, for who says so, and having a wrong cookie is one', async ({
    stack,
  }) => {
    const refresh = async (query: string, cookie?: string) => {
      const { status } = await fetch(`${stack.apiUrl}/api/auth/token${query}`, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }) },
      })
      return status
    }
    expect(await refresh('')).toBe(401)
    expect(await refresh('?optional=true')).toBe(204)
    expect(await refresh('?optional=true', 'mindfuse_session=wrong')).toBe(401)
    expect(await refresh('?optional=maybe')).toBe(400)
  })

  test.for([
    ['POST', '/api/auth/logout'],
    ['DELETE', '/api/auth/me'],
  ] as const)(
    'stay those of whoever signed in since in another tab: %s %s',
    async ([method, path], { person, stack }) => {
      const eve = await person(`eve-${method}`)
      const { browser } = eve
      const tab = (token: string, at: string, how: string) =>
        browser.fetch(`${stack.apiUrl}${at}`, {
          method: how,
          headers: { authorization: `Bearer ${token}` },
        })
      const grace = await signIn(stack.apiUrl, `grace-${method}@example.com`, browser)
      expect((await tab(eve.accessToken, path, method)).ok).toBe(true)
      const renewed = await browser.fetch(`${stack.apiUrl}/api/auth/token`, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin' },
      })
      expect(await renewed.json()).toMatchObject({ userId: grace.user.id })
      expect((await tab(grace.accessToken, path, method)).ok).toBe(true)
      expect(browser.cookieHeader).not.toContain('mindfuse_session')
    },
  )

  test('of another user cannot be seen or ended', async ({ person, as }) => {
    const ada = await person('ada')
    const alan = await person('alan')
    const { body } = await as(alan, '/api/auth/sessions')
    const answer = await as(ada, `/api/auth/sessions/${body.items[0].id}`, { method: 'DELETE' })
    expect(answer.body).toMatchObject({ status: 404, code: 'session_not_found' })
    expect((await as(alan, '/api/auth/me')).status).toBe(200)
  })

  test('that end are announced to all instances', async ({ person, as }) => {
    const heard: string[] = []
    const bus = createDragonflySharedState({ url: inject('redisUrl'), onError: () => undefined })
    bus.events.subscribe((message) => heard.push(message))
    await eventually('the bus answers', () => bus.ping().then(() => true))

    const ada = await person('ada')
    const { body } = await as(ada, '/api/auth/sessions')
    const { id } = body.items.find((session: { current: boolean }) => session.current)
    await as(ada, '/api/auth/logout', { method: 'POST' })
    const event = await eventually('the event arrives', () =>
      heard.map((message) => JSON.parse(message)).find(({ sessions }) => sessions.includes(id)),
    )
    expect(Value.Check(domainEventSchema, event)).toBe(true)
    expect(event).toMatchObject({ type: 'session.revoked', userId: ada.user.id, access: [] })
    await bus.close()
  })
})

describe('signing keys', () => {
  test('rotate without a failed request, and old ones go when no token needs them', async ({
    person,
    stack,
    as,
  }) => {
    const ada = await person('ada')
    const database = openDatabase({
      url: stack.database.url,
      poolSize: 1,
      onError: () => undefined,
    })
    const kidOf = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid
    const publicKids = async () => {
      const { body } = await callApi(`${stack.apiUrl}/.well-known/jwks.json`)
      return body.keys.map(({ kid }: { kid: string }) => kid)
    }
    const failures: number[] = []
    let isDone = false
    const traffic = (async () => {
      while (!isDone) {
        const { status } = await as(ada, '/api/auth/me')
        if (status !== 200) failures.push(status)
      }
    })()

    const { kid } = await rotateSigningKeys(database.db, { delaySeconds: 0, tokenTtlSeconds: 60 })
    // Another instance knows the new key at once and signs with it; this one has yet to read it.
    const restart = async () => {
      isDone = true
      await traffic
      await stack.stopApi()
      await stack.startApi()
    }
    await restart()
    expect(await publicKids()).toEqual([kid, kidOf(ada.accessToken)])
    expect((await as(ada, '/api/auth/me')).status).toBe(200)
    const later = await person('ada')
    expect(kidOf(later.accessToken)).toBe(kid)

    await database.db
      .updateTable('signing_keys')
      .set({ activates_at: new Date(0) })
      .execute()
    await database.db
      .updateTable('signing_keys')
      .set({ activates_at: new Date(1_000) })
      .where('kid', '=', kid)
      .execute()
    await rotateSigningKeys(database.db, { delaySeconds: 3_600, tokenTtlSeconds: 60 })
    await stack.stopApi()
    await stack.startApi()
    expect(await publicKids()).toHaveLength(2)
    const last = await person('ada')
    expect(kidOf(last.accessToken)).toBe(kid)
    expect((await as(ada, '/api/auth/me')).status).toBe(401)
    expect((await as(later, '/api/auth/me')).status).toBe(200)
    expect(failures).toEqual([])
    await database.close()
  })

  test('a token of a key that was made a moment ago by another instance holds', async ({
    stack,
    person,
  }) => {
    const database = openDatabase({
      url: stack.database.url,
      poolSize: 1,
      onError: () => undefined,
    })
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const key = await rotateSigningKeys(database.db, { delaySeconds: 0, tokenTtlSeconds: 3_600 })
    const ada = await person('ada')
    const { importJWK, SignJWT } = await import('jose')
    const claims = JSON.parse(Buffer.from(ada.accessToken.split('.')[1]!, 'base64url').toString())
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid })
      .sign(await importJWK(key.privateJwk, 'EdDSA'))
    expect((await callApi(`${stack.apiUrl}/api/auth/me`, { token })).status).toBe(200)
    await database.close()
  })
})
