import type { AuthorizationsReply } from '@mindfuse/internal'
import { BOARD_ROLES } from '@mindfuse/protocol'
import { callApi, eventually } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'

const test = base
  .extend('sessionOf', ({ stack, alan }) => async (): Promise<string> => {
    const [session] = await stack.database.query('SELECT id FROM sessions WHERE user_id = $1', [
      alan.user.id,
    ])
    return session.id
  })
  /** What a gateway is told of Alan on the board, which names the roles that it knows or does not. */
  .extend(
    'ask',
    ({ stack, alan, boardId, sessionOf }) =>
      async (knownRoles?: readonly string[]): Promise<AuthorizationsReply> => {
        const connection = { boardId, userId: alan.user.id, sessionId: await sessionOf() }
        const { status, body } = await callApi(`${stack.apiUrl}/internal/authorizations`, {
          headers: { authorization: `Internal-Secret ${stack.internalSecret}` },
          body: { connections: [connection], ...(knownRoles && { knownRoles }) },
        })
        expect(status).toBe(200)
        return body
      },
  )
  /** The newest event, once all have a number. */
  .extend('newest', ({ stack }) => async (): Promise<number> => {
    await eventually('all have a number', async () => {
      const rows = await stack.database.query('SELECT FROM events WHERE seq IS NULL', [])
      return rows.length === 0
    })
    return Number((await stack.database.query('SELECT max(seq) FROM events', []))[0].max)
  })

test('ADM-9: an answer says which changes it includes, and of which database', async ({
  ask,
  newest,
  stack,
  ada,
  alan,
  as,
  boardId,
}) => {
  const before = await newest()
  const { results, incarnation } = await ask()
  expect(results).toMatchObject([{ role: 'editor', asOf: before }])
  const [{ database_incarnation: here }] = await stack.database.query(
    'SELECT database_incarnation()',
    [],
  )
  expect(incarnation).toBe(here)

  const member = `/api/boards/${boardId}/members/${alan.user.id}`
  expect((await as(ada, member, { method: 'DELETE' })).status).toBe(204)
  const [after] = (await ask()).results
  expect(after).toMatchObject({ role: null, asOf: await newest() })
  expect(after?.asOf).toBeGreaterThan(before)
})

test('a commenter is a viewer who may broadcast to a gateway that does not know commenters', async ({
  ask,
  ada,
  alan,
  as,
  boardId,
}) => {
  await as(ada, `/api/boards/${boardId}/members/${alan.user.id}`, {
    method: 'PUT',
    body: { role: 'commenter' },
  })
  await as(ada, `/api/boards/${boardId}`, {
    method: 'PATCH',
    body: { viewersCanBroadcast: false },
  })
  const roleFor = async (knownRoles?: readonly string[]) => {
    const { role, canBroadcast } = (await ask(knownRoles)).results[0]!
    return { role, canBroadcast }
  }
  const asViewer = { role: 'viewer', canBroadcast: true }
  expect(await roleFor()).toEqual(asViewer)
  expect(await roleFor(['owner', 'viewer'])).toEqual(asViewer)
  const known = [...BOARD_ROLES, 'of a later release']
  expect(await roleFor(known)).toEqual({ role: 'commenter', canBroadcast: true })
})

test('ADM-9: a session that ends soon is not to be kept, as no event says when', async ({
  ask,
  stack,
  sessionOf,
}) => {
  const sessionId = await sessionOf()
  const end = (time: string) =>
    stack.database.query(
      'UPDATE sessions SET expires_at = now() + $1::interval WHERE id = $2 RETURNING id',
      [time, sessionId],
    )
  await end('59 minutes')
  expect((await ask()).results[0]).toMatchObject({ role: 'editor', sessionLives: true })
  expect((await ask()).results[0]).not.toHaveProperty('asOf')
  await end('2 hours')
  expect((await ask()).results[0]).toHaveProperty('asOf')
})

test('ADM-9: nothing is to be kept where it is not known which database it is', async ({
  ask,
  stack,
}) => {
  await stack.database.query(
    'CREATE OR REPLACE FUNCTION database_incarnation() RETURNS text LANGUAGE sql AS $$ SELECT NULL $$',
    [],
  )
  const reply = await ask()
  expect(reply.results[0]).toMatchObject({ role: 'editor' })
  expect(reply.results[0]).not.toHaveProperty('asOf')
  expect(reply).not.toHaveProperty('incarnation')
})
