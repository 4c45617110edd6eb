import { randomUUID } from 'node:crypto'
import type { AuthorizationsReply } from '@mindfuse/internal'
import { BOARD_ROLES } from '@mindfuse/protocol'
import { callApi } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'

type Result = AuthorizationsReply['results'][number]

/** Somebody with a session, as rows: what is tried here is what the database makes of grants. */
const test = base
  .extend('newcomer', ({ stack }) => async (kind: 'guest' | 'app_user' | 'key') => {
    const [user] = await stack.database.query(
      `INSERT INTO users (kind, oauth_provider, oauth_id, name) VALUES ($1, $1, $2, 'Zoë')
          RETURNING id`,
      [kind, randomUUID()],
    )
    const [session] = await stack.database.query(
      `INSERT INTO sessions (user_id, token, expires_at)
          VALUES ($1, $2, now() + interval '1 day') RETURNING id`,
      [user.id, randomUUID()],
    )
    return { userId: user.id as string, sessionId: session.id as string }
  })
  .extend('ask', ({ stack }) => async (who: Who, boardId: string): Promise<Result> => {
    const { body } = await callApi(`${stack.apiUrl}/internal/authorizations`, {
      headers: { authorization: `Internal-Secret ${stack.internalSecret}` },
      body: { connections: [{ ...who, boardId }], knownRoles: [...BOARD_ROLES] },
    })
    const [result] = (body as AuthorizationsReply).results
    if (!result) throw new Error('no result')
    return result
  })
  /** Gives somebody a link's role on the board. */
  .extend(
    'open',
    ({ stack, ada, boardId }) =>
      async (who: Who, role: string, options: { endsIn?: string; isPerson?: boolean } = {}) => {
        const { endsIn = '1 day', isPerson = false } = options
        const [link] = await stack.database.query(
          `INSERT INTO board_links (board_id, token, role, created_by, expires_at)
          VALUES ($1, $2, $3, $4, now() + $5::interval) RETURNING id`,
          [boardId, randomUUID(), role, ada.user.id, endsIn],
        )
        await stack.database.query(
          `INSERT INTO link_grants (user_id, board_id, link_id, role, as_guest)
          VALUES ($1, $2, $3, $4, $5)`,
          [who.userId, boardId, link.id, role, !isPerson],
        )
        return link.id as string
      },
  )

interface Who {
  userId: string
  sessionId: string
}

describe('a link', () => {
  test('gives its role for as long as it lives', async ({
    newcomer,
    ask,
    open,
    boardId,
    stack,
  }) => {
    const guest = await newcomer('guest')
    expect(await ask(guest, boardId)).toMatchObject({ role: null, sessionLives: true })
    const viewing = await open(guest, 'viewer')
    expect(await ask(guest, boardId)).toMatchObject({ role: 'viewer' })
    const drawing = await open(guest, 'editor')
    expect(await ask(guest, boardId)).toMatchObject({ role: 'editor', canBroadcast: true })
    const end = (column: string, id: string) =>
      stack.database.query(`UPDATE board_links SET ${column} = now() WHERE id = $1`, [id])
    await end('expires_at', drawing)
    expect(await ask(guest, boardId)).toMatchObject({ role: 'viewer' })
    await end('revoked_at', viewing)
    expect(await ask(guest, boardId)).toMatchObject({ role: null })
  })

  test('gives guests no more than the workspace lets them have', async ({
    newcomer,
    ask,
    open,
    boardId,
    stack,
  }) => {
    const [guest, person] = [await newcomer('guest'), await newcomer('app_user')]
    await open(guest, 'editor')
    await open(person, 'editor', { isPerson: true })
    const roles: Record<string, unknown> = {}
    for (const guests of ['off', 'view', 'comment', 'edit']) {
      await stack.database.query(
        `UPDATE workspaces SET guests = $1
        WHERE id = (SELECT workspace_id FROM boards WHERE id = $2)`,
        [guests, boardId],
      )
      roles[guests] = [(await ask(guest, boardId)).role, (await ask(person, boardId)).role]
    }
    expect(roles).toEqual({
      off: [null, 'editor'],
      view: ['viewer', 'editor'],
      comment: ['commenter', 'editor'],
      edit: ['editor', 'editor'],
    })
  })

  test('is asked about each time: no event says when it ends', async ({
    newcomer,
    ask,
    open,
    boardId,
  }) => {
    const guest = await newcomer('guest')
    await open(guest, 'editor')
    expect(await ask(guest, boardId)).not.toHaveProperty('asOf')
  })

  test('is no matter where a member has as much', async ({ ask, open, alan, boardId, stack }) => {
    const [session] = await stack.database.query('SELECT id FROM sessions WHERE user_id = $1', [
      alan.user.id,
    ])
    const who = { userId: alan.user.id, sessionId: session.id as string }
    await open(who, 'viewer', { isPerson: true })
    expect(await ask(who, boardId)).toMatchObject({ role: 'editor', asOf: expect.any(Number) })
  })
})

describe('a key', () => {
  test('has the role of its scopes on the boards that it is for', async ({
    newcomer,
    ask,
    ada,
    boardId,
    stack,
  }) => {
    const [{ workspace_id: workspaceId }] = await stack.database.query(
      'SELECT workspace_id FROM boards WHERE id = $1',
      [boardId],
    )
    const key = async (scopes: string[], boardIds: string[] | null, workspace = workspaceId) => {
      const who = await newcomer('key')
      await stack.database.query(
        `INSERT INTO keys (id, user_id, workspace_id, scopes, board_ids, created_by)
        VALUES ($1, $2, $3, $4, $5, $6)`,
        [who.sessionId, who.userId, workspace, scopes, boardIds, ada.user.id],
      )
      return (await ask(who, boardId)).role
    }
    expect(await key(['boards:read'], null)).toBe('viewer')
    expect(await key(['boards:write'], null)).toBe('editor')
    expect(await key(['boards:write'], [boardId])).toBe('editor')
    expect(await key(['boards:write'], [randomUUID()])).toBe(null)
    expect(await key(['tokens:create'], null)).toBe(null)
    const [other] = await stack.database.query(
      `INSERT INTO workspaces (name, type) VALUES ('Other', 'team') RETURNING id`,
      [],
    )
    expect(await key(['boards:write'], null, other.id)).toBe(null)
  })
})
