import { describe, expect } from 'vitest'
import { test } from '../support/fixtures.ts'

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
