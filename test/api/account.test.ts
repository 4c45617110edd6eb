import { openDatabase } from '@mindfuse/api'
import { createBoard, eventually, type SignedIn } from '@mindfuse/testing'
import { sql } from 'kysely'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { createLink, openAsGuest } from '../support/guests.ts'
import { joinWorkspace } from '../support/people.ts'

const test = base
  .extend(
    'deleteAccount',
    ({ as }) =>
      (who: SignedIn) =>
        as(who, '/api/auth/me', { method: 'DELETE' }),
  )
  .extend(
    'team',
    ({ as, stack }) =>
      async (owner: SignedIn, ...members: SignedIn[]): Promise<string> => {
        const { body } = await as(owner, '/api/workspaces', { body: { name: 'Team' } })
        for (const member of members) await joinWorkspace(stack, body.id, member, 'member')
        return body.id
      },
  )

test('an account goes with what is its owner’s alone, and leaves what is shared', async ({
  person,
  stack,
  team,
  as,
  deleteAccount,
}) => {
  const ada = await person('ada')
  const alan = await person('alan')
  const own = await createBoard(stack.apiUrl, ada.accessToken)
  const alone = await team(ada)
  const shared = await team(alan, ada)
  const { body: board } = await as(ada, `/api/workspaces/${shared}/boards`, {
    body: { name: 'Kept' },
  })

  const { status, body } = await deleteAccount(ada)
  expect(status).toBe(200)
  expect(body.deletedWorkspaceIds).toHaveLength(2)
  expect(body.deletedWorkspaceIds).toContain(alone)
  expect(body).toMatchObject({ leftWorkspaceIds: [shared], leftBoards: 0 })

  expect((await as(ada, '/api/auth/me')).status).toBe(401)
  expect((await as(alan, `/api/boards/${board.id}`)).body).toMatchObject({
    name: 'Kept',
    createdBy: null,
  })
  expect(await stack.database.query('SELECT FROM boards WHERE id = $1', [own])).toEqual([])
  const [event] = await stack.database.query(`SELECT data FROM events WHERE type = 'user.deleted'`)
  expect(event.data.sessions).toHaveLength(1)
  expect(event.data.access.map(({ boardId }: { boardId: string }) => boardId)).toEqual(
    expect.arrayContaining([own, board.id]),
  )

  const again = await person('ada')
  expect(again.user.id).not.toBe(ada.user.id)
})

describe('a name', () => {
  const rename = (name: unknown) => ({ method: 'PATCH', body: { name } })

  test('that a person chose stays at sign-in, and null gives the provider’s again', async ({
    person,
    as,
    stack,
  }) => {
    const katherine = await person('katherine')
    const provided = katherine.user.name
    const me = async () => (await as(katherine, '/api/auth/me')).body
    expect(await me()).toMatchObject({ name: provided, hasChosenName: false })
    const { status, body } = await as(katherine, '/api/auth/me', rename('  Katherine G. \u202e '))
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id: katherine.user.id, name: 'Katherine G.', hasChosenName: true },
    })
    expect(await me()).toEqual(body)
    expect((await person('katherine')).user.name).toBe('Katherine G.')

    // As an API of the release before, which knows of no chosen names.
    await stack.database.query('UPDATE users SET name = $2 WHERE id = $1', [
      katherine.user.id,
      provided,
    ])
    expect((await person('katherine')).user.name).toBe('Katherine G.')
    await as(katherine, '/api/auth/me', rename('Kate'))
    expect((await as(katherine, '/api/auth/me', rename(null))).body).toMatchObject({
      name: provided,
      hasChosenName: false,
    })
    expect(await me()).toMatchObject({ name: provided })
    expect((await person('katherine')).user.name).toBe(provided)
  })

  test('is refused where nobody would see it', async ({ person, as }) => {
    const grace = await person('grace')
    for (const name of ['', ' ', '\u200b', 'x'.repeat(256), 7, undefined]) {
      expect(await as(grace, '/api/auth/me', rename(name))).toMatchObject({ status: 400 })
    }
    expect((await as(grace, '/api/auth/me')).body.name).toBe(grace.user.name)
  })

  test('of a guest is their own, and they cannot be without one', async ({ person, stack, as }) => {
    const ada = await person('ada')
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    const { token } = await createLink(stack, boardId, ada)
    const guest = await openAsGuest(stack, token, 'Gust')
    expect(await as(guest, '/api/auth/me', rename('Gustav'))).toMatchObject({
      status: 200,
      body: { name: 'Gustav', kind: 'guest', hasChosenName: false },
    })
    expect(await as(guest, '/api/auth/me', rename(null))).toMatchObject({
      status: 409,
      body: { code: 'name_required' },
    })
    const { body } = await as(ada, `/api/boards/${boardId}/guests`)
    expect(body.items).toMatchObject([{ name: 'Gustav' }])
  })

  test('is in what is held of a person, and of its choice the audit log tells without it', async ({
    person,
    stack,
    as,
  }) => {
    const mary = await person('mary')
    await as(mary, '/api/auth/me', rename('Mary S.'))
    const response = await fetch(`${stack.apiUrl}/api/auth/me/export`, {
      headers: { authorization: `Bearer ${mary.accessToken}` },
    })
    const held = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(held[0]).toMatchObject({
      name: 'Mary S.',
      chosenName: 'Mary S.',
      providerName: mary.user.name,
    })
    const entries = held.filter(({ action }) => action === 'user.updated')
    expect(entries).toMatchObject([
      { targetId: mary.user.id, workspaceId: null, changes: { hasChosenName: true } },
    ])
  })
})

test('the only owner of a workspace with others cannot go before passing it on', async ({
  person,
  team,
  deleteAccount,
  as,
  stack,
}) => {
  const grace = await person('grace')
  const alan = await person('alan')
  const shared = await team(grace, alan)
  const refused = await deleteAccount(grace)
  expect(refused.body).toMatchObject({
    status: 409,
    code: 'sole_owner',
    errors: [{ pointer: `/workspaces/${shared}` }],
  })
  expect((await as(grace, '/api/auth/me')).status).toBe(200)
  await stack.database.query(
    `UPDATE workspace_members SET role = 'owner' WHERE workspace_id = $1`,
    [shared],
  )
  expect((await deleteAccount(grace)).status).toBe(200)
  const [row] = await stack.database.query('SELECT owner_id FROM workspaces WHERE id = $1', [
    shared,
  ])
  expect(row.owner_id).toBe(alan.user.id)
})

test('what a person makes at the same moment goes with the account', async ({
  person,
  stack,
  deleteAccount,
}) => {
  const eve = await person('eve')
  const pool = openDatabase({ url: stack.database.url, poolSize: 1, onError: () => undefined })
  // As `POST /api/workspaces` does, and slow to commit.
  const { deletion, made } = await pool.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string }>`
      WITH made AS (
        INSERT INTO workspaces (name, type, owner_id) VALUES ('Late', 'team', ${eve.user.id})
        RETURNING id
      ), joined AS (
        INSERT INTO workspace_members (workspace_id, user_id, role)
        SELECT id, ${eve.user.id}, 'owner' FROM made
      )
      SELECT id FROM made`.execute(tx)
    const deletion = deleteAccount(eve)
    await eventually('the deletion waits for it', async () => {
      const text = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
        AND datname = current_database()`
      return (await stack.database.query(text)).length > 0
    })
    return { deletion, made: rows[0]!.id }
  })
  await pool.close()
  const { body } = await deletion
  expect(body.deletedWorkspaceIds).toContain(made)
  expect(await stack.database.query('SELECT FROM workspaces WHERE id = $1', [made])).toEqual([])
})
