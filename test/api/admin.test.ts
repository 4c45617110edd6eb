import { connectWhiteboard, createBoard } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

const test = testWith({ gateways: 2 })
  /** What the administrator does to a person. */
  .extend(
    'act',
    { scope: 'file' },
    ({ as, administrator }) =>
      (who: { user: { id: string } }, act: string, body: object = {}) =>
        as(administrator, `/api/admin/people/${who.user.id}/${act}`, { body }),
  )

describe('an administrator', () => {
  test('is who is signed in with an identity of ADMINS, and nobody else', async ({
    as,
    administrator,
    ada,
  }) => {
    expect((await as(administrator, '/api/auth/me')).body).toMatchObject({ isAdmin: true })
    expect((await as(ada, '/api/auth/me')).body).toMatchObject({ isAdmin: false })
    expect(ada.user).toMatchObject({ isAdmin: false })
    expect(administrator.user).toMatchObject({ isAdmin: true })
  })

  test('is not who has the subject at another provider, nor the email', async ({
    as,
    stack,
    ada,
    administrator,
  }) => {
    await stack.database.query(
      `UPDATE users SET oauth_provider = 'other', email = 'administrator@example.com',
         oauth_id = (SELECT oauth_id FROM users WHERE id = $2) WHERE id = $1`,
      [ada.user.id, administrator.user.id],
    )
    expect((await as(ada, '/api/admin/people')).status).toBe(403)
    expect((await as(undefined, '/api/admin/people')).status).toBe(401)
    expect((await as(administrator, '/api/admin/people')).status).toBe(200)
  })
})

test('people are found by email, name and id, the newest first, in pages', async ({
  as,
  administrator,
  stack,
  person,
}) => {
  const grace = await person('grace.hopper')
  const mary = await person('mary.hopper')
  await stack.database.query(`UPDATE users SET name = 'R%ta' WHERE id = $1`, [mary.user.id])
  const find = async (query: string) =>
    (await as(administrator, `/api/admin/people?${query}`)).body as {
      items: { id: string }[]
      nextCursor: string | null
    }
  const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id)

  expect(idsOf(await find('query=HOPPER'))).toEqual([mary.user.id, grace.user.id])
  expect(idsOf(await find('query=%25'))).toEqual([mary.user.id])
  expect((await find(`query=${grace.user.id}`)).items).toMatchObject([
    { id: grace.user.id, email: 'grace.hopper@example.com', name: 'Grace Hopper', isAdmin: false },
  ])
  const first = await find('query=hopper&limit=1')
  expect(idsOf(first)).toEqual([mary.user.id])
  const second = await find(`query=hopper&limit=1&cursor=${first.nextCursor}`)
  expect(idsOf(second)).toEqual([grace.user.id])
  expect(second.nextCursor).toBeNull()
})

describe('a disabled person', () => {
  test('is signed out, disconnected within a second, and cannot sign in until enabled', async ({
    as,
    act,
    administrator,
    person,
    stack,
  }) => {
    const mallory = await person('mallory')
    const boardId = await createBoard(stack.apiUrl, mallory.accessToken)
    const clients = await Promise.all(
      stack.realtimeUrls.map((realtimeUrl) =>
        connectWhiteboard({ realtimeUrl, boardId, token: mallory.accessToken }),
      ),
    )
    const startedAt = performance.now()
    expect(await act(mallory, 'disable', { reason: 'spam' })).toMatchObject({ status: 204 })
    for (const client of clients) expect(await client.closeCode()).toBe(4401)
    expect(performance.now() - startedAt).toBeLessThan(5_000)

    expect((await as(mallory, '/api/auth/me')).status).toBe(401)
    const refresh = await mallory.browser.fetch(`${stack.apiUrl}/api/auth/token`, {
      method: 'POST',
    })
    expect(refresh.status).toBe(401)
    await expect(person('mallory')).rejects.toThrow('403')
    const find = () => as(administrator, `/api/admin/people?query=${mallory.user.id}`)
    expect((await find()).body.items).toMatchObject([{ disabledAt: expect.any(String) }])

    expect(await act(mallory, 'enable')).toMatchObject({ status: 204 })
    expect((await person('mallory')).user.id).toBe(mallory.user.id)
    expect((await find()).body.items).toMatchObject([{ disabledAt: null }])
  })

  test('has no session, also one who signs in at that moment', async ({ act, person, stack }) => {
    const { user } = await person('racer')
    for (let round = 0; round < 5; round++) {
      await Promise.all([
        act({ user }, 'disable'),
        ...[1, 2, 3].map(() => person('racer').catch(() => undefined)),
      ])
      const sessions = 'SELECT FROM sessions WHERE user_id = $1'
      expect(await stack.database.query(sessions, [user.id])).toEqual([])
      await act({ user }, 'enable')
    }
  })

  test('is no administrator', async ({ as, administrator, person, stack }) => {
    const disable = 'UPDATE users SET disabled_at = now() WHERE id = $1'
    await stack.database.query(disable, [administrator.user.id])
    // As if a session were left over. What is cached is up to a second old.
    await expect.poll(async () => (await as(administrator, '/api/admin/people')).status).toBe(403)
    await stack.database.query('UPDATE users SET disabled_at = NULL')
    await person('administrator')
    await expect.poll(async () => (await as(administrator, '/api/admin/people')).status).toBe(200)
  })

  test('is never the one who asks', async ({ administrator, act, as }) => {
    expect((await act(administrator, 'disable')).body).toMatchObject({ code: 'own_account' })
    expect((await as(administrator, '/api/auth/me')).status).toBe(200)
  })
})

test('signing a person out ends their sessions, and lets them sign in again', async ({
  act,
  as,
  person,
}) => {
  const eve = await person('eve')
  expect((await act(eve, 'sign-out')).status).toBe(204)
  expect((await as(eve, '/api/auth/me')).status).toBe(401)
  expect((await person('eve')).user.id).toBe(eve.user.id)
  expect((await act({ user: { id: crypto.randomUUID() } }, 'sign-out')).status).toBe(404)
})

test('every act is in the audit of administration, which changes nothing that is in it', async ({
  act,
  as,
  administrator,
  person,
  stack,
}) => {
  const trent = await person('trent')
  await act(trent, 'disable', { reason: 'asked for it' })
  await act(trent, 'enable')
  const { body } = await as(administrator, '/api/admin/audit?limit=2')
  expect(body.items).toMatchObject([
    { action: 'person.enable', targetId: trent.user.id, reason: null, changes: {} },
    {
      actor: administrator.user.id,
      action: 'person.disable',
      targetType: 'user',
      targetId: trent.user.id,
      reason: 'asked for it',
      changes: { sessions: 1 },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      createdAt: expect.any(String),
    },
  ])
  const next = await as(administrator, `/api/admin/audit?limit=2&cursor=${body.nextCursor}`)
  expect(next.body.items.map(({ id }: { id: string }) => id)).not.toContain(body.items[1].id)
  await expect(stack.database.query(`UPDATE admin_audit SET actor = 'x'`)).rejects.toThrow(
    'never change',
  )
})
