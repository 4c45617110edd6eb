import { createHash } from 'node:crypto'
import type { BoardRole } from '@mindfuse/protocol'
import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { readPages } from '../support/pages.ts'
import { addMember, joinWorkspace } from '../support/people.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

const RACERS = 40
const DAY_MS = 24 * 60 * 60 * 1_000

const test = base
  .extend('grace', { scope: 'file' }, ({ person }) => person('grace'))
  .extend('racers', { scope: 'file' }, ({ person }) =>
    Promise.all(Array.from({ length: RACERS }, (_, i) => person(`racer-${i}`))),
  )
  .extend('personalWorkspace', ({ as, ada }) => async (): Promise<string> => {
    const { items } = (await as(ada, '/api/workspaces')).body
    return items.find((workspace: { type: string }) => workspace.type === 'personal').id
  })
  .extend(
    'createIn',
    ({ as, ada }) =>
      async (workspaceId: string): Promise<string> =>
        (await as(ada, `/api/workspaces/${workspaceId}/boards`, { body: { name: 'Plans' } })).body
          .id,
  )
  /** A board of Ada's own, until a test takes another. */
  .extend('board', async ({ createIn, personalWorkspace }) => ({
    id: await createIn(await personalWorkspace()),
  }))
  .extend(
    'make',
    ({ as, board }) =>
      (who: SignedIn, body: unknown = { role: 'editor' }, headers = {}) =>
        as(who, `/api/boards/${board.id}/invite`, { body, headers }),
  )
  /** The token of a new invite of Ada's. */
  .extend(
    'linkFor',
    ({ make, ada }) =>
      async (body?: unknown): Promise<string> =>
        (await make(ada, body)).body.token,
  )
  .extend(
    'preview',
    ({ as }) =>
      (token: string) =>
        as(undefined, `/api/invites/${token}`),
  )
  .extend(
    'accept',
    ({ as }) =>
      (who: SignedIn, token: string, headers = {}) =>
        as(who, `/api/invites/${token}/accept`, { method: 'POST', headers }),
  )
  .extend(
    'revoke',
    ({ as, board }) =>
      (who: SignedIn, inviteId: string) =>
        as(who, `/api/boards/${board.id}/invites/${inviteId}`, { method: 'DELETE' }),
  )
  .extend(
    'query',
    ({ stack }) =>
      (text: string, values?: unknown[]) =>
        stack.database.query(text, values),
  )
  .extend(
    'join',
    ({ stack, board }) =>
      (who: SignedIn, role: BoardRole) =>
        addMember(stack, board.id, who, role),
  )
  /** The invite's row, found as the API finds it. */
  .extend(
    'rowOf',
    ({ query }) =>
      async (token: string) =>
        (await query('SELECT * FROM board_invites WHERE token = $1', [sha256(token)]))[0],
  )
  .extend(
    'roleOf',
    ({ as, board }) =>
      async (who: SignedIn) =>
        (await as(who, `/api/boards/${board.id}`)).body.access?.role,
  )
  .extend(
    'eventsOf',
    ({ query, board }) =>
      (type: string) =>
        query('SELECT * FROM events WHERE type = $1 AND board_id = $2', [type, board.id]),
  )
  /** Puts a board into a team workspace of Ada's, which can be joined and deleted. */
  .extend('useTeam', ({ as, ada, board, createIn }) => async (): Promise<string> => {
    const { id } = (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body
    board.id = await createIn(id)
    return id
  })
  .extend(
    'guests',
    ({ query, board, ada }) =>
      () =>
        query('SELECT user_id FROM board_members WHERE board_id = $1 AND user_id <> $2', [
          board.id,
          ada.user.id,
        ]),
  )
  .extend(
    'stateOf',
    ({ preview }) =>
      async (token: string) =>
        (await preview(token)).body.state,
  )

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const CLOSE = {
  expired: `UPDATE board_invites SET expires_at = now() WHERE token = $1`,
  revoked: `UPDATE board_invites SET revoked_at = now() WHERE token = $1`,
  exhausted: `UPDATE board_invites SET max_uses = 1, uses = 1 WHERE token = $1`,
}
const CLOSED = Object.entries(CLOSE).map(([state, sql]) => ({ state, sql }))

const GONE = [
  ['in the trash', `UPDATE boards SET deleted_at = now() WHERE id = $1`],
  [
    'in a deleted workspace',
    `UPDATE workspaces SET deleted_at = now()
     WHERE id = (SELECT workspace_id FROM boards WHERE id = $1)`,
  ],
] as const

describe('making an invite', () => {
  test('shows the link, which lasts 7 days and any number of uses unless said otherwise', async ({
    make,
    ada,
    board,
  }) => {
    const { status, body } = await make(ada)
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(String),
      boardId: board.id,
      role: 'editor',
      email: null,
      maxUses: null,
      uses: 0,
      expiresAt: expect.any(String),
      revokedAt: null,
      createdBy: ada.user.id,
      createdAt: expect.any(String),
      state: 'open',
      token: expect.stringMatching(/^[\w-]{43}$/),
      url: `${WEB_ORIGIN}/invites/${body.token}`,
    })
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(7 * DAY_MS)

    const short = (await make(ada, { role: 'viewer', maxUses: 3, expiresInSeconds: 60 })).body
    expect(short).toMatchObject({ role: 'viewer', maxUses: 3 })
    expect(Date.parse(short.expiresAt) - Date.parse(short.createdAt)).toBe(60_000)
  })

  test('leaves no token in the database, in whatever way it is made and accepted', async ({
    make,
    ada,
    accept,
    alan,
    query,
  }) => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    const { token } = (await make(ada, { role: 'editor' }, key)).body
    expect((await accept(alan, token, key)).status).toBe(200)
    const tables = await query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
    expect(tables.length).toBeGreaterThan(10)
    for (const { tablename } of tables) {
      const holding = await query(`SELECT * FROM ${tablename} AS t WHERE strpos(t::text, $1) > 0`, [
        token,
      ])
      expect(holding, tablename).toEqual([])
    }
  })

  test('again with the same Idempotency-Key gives the same invite, without its link', async ({
    make,
    ada,
    eventsOf,
  }) => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    const first = await make(ada, { role: 'viewer' }, key)
    const again = await make(ada, { role: 'viewer' }, key)
    expect(again.status).toBe(201)
    expect(again.body).toEqual({ ...first.body, token: null, url: null })
    expect(await eventsOf('invite.created')).toHaveLength(1)
  })

  test('is nothing that viewers, commenters or strangers do', async ({ make, alan, join }) => {
    expect((await make(alan)).body).toMatchObject({ status: 404, code: 'board_not_found' })
    for (const role of ['viewer', 'commenter'] as const) {
      await join(alan, role)
      expect((await make(alan, { role: 'viewer' })).body).toMatchObject({
        status: 403,
        code: 'forbidden',
      })
    }
  })

  test('never makes an owner, whoever invites', async ({ join, alan, make, ada }) => {
    await join(alan, 'editor')
    expect((await make(alan, { role: 'editor' })).status).toBe(201)
    for (const who of [alan, ada]) {
      expect((await make(who, { role: 'owner' })).body).toMatchObject({
        status: 400,
        code: 'validation_failed',
        errors: [{ pointer: '/role' }],
      })
    }
  })

  test('for an email folds its case and has one seat', async ({ make, ada }) => {
    const email = 'Alan@Example.COM'
    const bound = { email: 'alan@example.com', maxUses: 1 }
    expect((await make(ada, { role: 'viewer', email })).body).toMatchObject(bound)
    expect((await make(ada, { role: 'viewer', email, maxUses: 1 })).body).toMatchObject(bound)
    expect((await make(ada, { role: 'viewer', email, maxUses: 2 })).body).toMatchObject({
      status: 400,
      code: 'validation_failed',
      errors: [{ pointer: '/maxUses' }],
    })
  })

  test.for([
    ['/role', {}],
    ['/role', { role: 'admin' }],
    ['/email', { role: 'viewer', email: 'nobody' }],
    ['/maxUses', { role: 'viewer', maxUses: 0 }],
    ['/maxUses', { role: 'viewer', maxUses: 1_001 }],
    ['/maxUses', { role: 'viewer', maxUses: '5' }],
    ['/expiresInSeconds', { role: 'viewer', expiresInSeconds: 59 }],
    ['/expiresInSeconds', { role: 'viewer', expiresInSeconds: 30 * 86_400 + 1 }],
    ['/token', { role: 'viewer', token: 'mine' }],
  ])('is refused with a pointer to %s for %j', async ([pointer, body], { make, ada }) => {
    const refused = (await make(ada, body)).body
    expect(refused).toMatchObject({ status: 400, code: 'validation_failed' })
    expect(refused.errors[0].pointer).toBe(pointer)
  })
})

describe('invites of a board', () => {
  test('are listed newest first, page by page, without their links', async ({
    make,
    ada,
    as,
    board,
  }) => {
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift((await make(ada)).body.id)
    const path = `/api/boards/${board.id}/invites?limit=2`
    const listed = await readPages((cursor) => as(ada, `${path}${cursor}`))
    expect(listed.map((invite) => invite.id)).toEqual(ids)
    expect(listed[0]).toMatchObject({ state: 'open', uses: 0, createdBy: ada.user.id })
    for (const invite of listed) expect(invite).not.toHaveProperty('token')
  })

  test('are not for viewers or strangers', async ({ board, as, alan, join }) => {
    const path = `/api/boards/${board.id}/invites`
    expect((await as(alan, path)).status).toBe(404)
    await join(alan, 'viewer')
    expect((await as(alan, path)).status).toBe(403)
  })

  test('are revoked by who made them and by managers, once', async ({
    join,
    alan,
    grace,
    make,
    revoke,
    ada,
    as,
    board,
    eventsOf,
  }) => {
    await join(alan, 'editor')
    await join(grace, 'editor')
    const [own, other] = [(await make(alan)).body, (await make(alan)).body]
    expect((await revoke(grace, own.id)).body).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await revoke(alan, own.id)).status).toBe(204)
    expect((await revoke(ada, other.id)).status).toBe(204)
    const { body } = await as(ada, `/api/boards/${board.id}/invites`)
    expect(body.items.map((invite: { state: string }) => invite.state)).toEqual([
      'revoked',
      'revoked',
    ])
    expect((await revoke(ada, own.id)).status).toBe(204)
    expect(await eventsOf('invite.revoked')).toHaveLength(2)
  })

  test('that do not exist, here or at all, are a 404', async ({
    make,
    ada,
    board,
    createIn,
    personalWorkspace,
    revoke,
  }) => {
    const { id } = (await make(ada)).body
    board.id = await createIn(await personalWorkspace())
    for (const unknown of [id, crypto.randomUUID()]) {
      expect((await revoke(ada, unknown)).body).toMatchObject({
        status: 404,
        code: 'invite_not_found',
      })
    }
  })
})

describe('a link', () => {
  test('shows without signing in what it is for', async ({ make, ada, query, board, preview }) => {
    const { body: made } = await make(ada)
    await query('UPDATE boards SET name = $1 WHERE id = $2', ['Other plans', board.id])
    const { status, body } = await preview(made.token)
    expect(status).toBe(200)
    expect(body).toEqual({
      boardName: 'Other plans',
      workspaceName: 'Ada',
      inviterName: 'Ada',
      role: 'editor',
      expiresAt: made.expiresAt,
      state: 'open',
    })
  })

  test('hints at the email it is for', async ({ linkFor, preview }) => {
    const token = await linkFor({ role: 'viewer', email: 'alan@example.com' })
    expect((await preview(token)).body.emailHint).toBe('a***@example.com')
  })

  test.for(CLOSED)(
    'that is $state says so',
    async ({ state, sql }, { linkFor, query, preview, accept, alan, roleOf }) => {
      const token = await linkFor()
      await query(sql, [sha256(token)])
      expect(await preview(token)).toMatchObject({ status: 200, body: { state } })
      const refused = await accept(alan, token)
      expect(refused.body).toMatchObject({ status: 410, code: `invite_${state}` })
      expect(await roleOf(alan)).toBeUndefined()
    },
  )

  test.for(GONE)(
    'to a board %s is gone',
    async ([_, sql], { useTeam, linkFor, query, board, preview, accept, alan, ada }) => {
      await useTeam()
      const token = await linkFor()
      await query(sql, [board.id])
      const gone = { status: 410, code: 'board_gone' }
      expect((await preview(token)).body).toMatchObject(gone)
      expect((await accept(alan, token)).body).toMatchObject(gone)
      expect((await accept(ada, token)).body).toMatchObject(gone)
    },
  )

  test.for([
    ['unknown', () => 'x'.repeat(43)],
    ['mangled', (token: string) => token.slice(1)],
    ['of another case', (token: string) => token.toUpperCase()],
    ['the stored hash', sha256],
  ] as const)('that is %s is a 404', async ([_, change], { linkFor, preview, accept, alan }) => {
    const token = change(await linkFor())
    const unknown = { status: 404, code: 'invite_not_found' }
    expect((await preview(token)).body).toMatchObject(unknown)
    expect((await accept(alan, token)).body).toMatchObject(unknown)
  })

  test('is accepted by nobody who has not signed in', async ({ linkFor, as }) => {
    const path = `/api/invites/${await linkFor()}/accept`
    expect((await as(undefined, path, { method: 'POST' })).status).toBe(401)
  })
})

describe('accepting', () => {
  test('adds a member, raises the access version and names the member', async ({
    make,
    ada,
    accept,
    alan,
    as,
    board,
    rowOf,
    eventsOf,
    query,
  }) => {
    const { token, id } = (await make(ada)).body
    const { status, body } = await accept(alan, token)
    expect(status).toBe(200)
    expect(body).toEqual({ board: (await as(alan, `/api/boards/${board.id}`)).body })
    expect(body.board.access.role).toBe('editor')
    expect((await rowOf(token)).uses).toBe(1)
    const [event] = await eventsOf('invite.accepted')
    expect(event).toMatchObject({
      user_id: alan.user.id,
      data: { access: [{ boardId: board.id, version: 2 }], sessions: [] },
    })
    const [entry] = await query(
      'SELECT * FROM audit_entries WHERE target_id = $1 AND action = $2',
      [id, 'invite.accepted'],
    )
    expect(entry).toMatchObject({ actor_id: alan.user.id, changes: { role: 'editor' } })
    const [member] = await query(
      'SELECT invited_by FROM board_members WHERE board_id = $1 AND user_id = $2',
      [board.id, alan.user.id],
    )
    expect(member.invited_by).toBe(ada.user.id)
  })

  test('raises a weaker role and takes a seat for it', async ({
    join,
    alan,
    linkFor,
    accept,
    rowOf,
  }) => {
    await join(alan, 'viewer')
    for (const role of ['commenter', 'editor'] as const) {
      const token = await linkFor({ role })
      expect((await accept(alan, token)).body.board.access.role).toBe(role)
      expect((await rowOf(token)).uses).toBe(1)
    }
    const weaker = await linkFor({ role: 'commenter' })
    expect((await accept(alan, weaker)).body.board.access.role).toBe('editor')
    expect((await rowOf(weaker)).uses).toBe(0)
  })

  test.for(['editor', 'owner'] as const)(
    'changes nothing for somebody who is %s already',
    async (role, { join, alan, linkFor, query, rowOf, accept, eventsOf }) => {
      await join(alan, role)
      const token = await linkFor()
      for (const { sql } of [{ sql: 'SELECT $1::text' }, ...CLOSED]) {
        await query(sql, [sha256(token)])
        const { uses } = await rowOf(token)
        expect((await accept(alan, token)).body.board.access.role).toBe(role)
        expect((await rowOf(token)).uses).toBe(uses)
      }
      expect(await eventsOf('invite.accepted')).toEqual([])
    },
  )

  test('counts what the workspace gives as being there already', async ({
    useTeam,
    query,
    alan,
    linkFor,
    accept,
    rowOf,
  }) => {
    const workspaceId = await useTeam()
    await query(
      `INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'member')`,
      [workspaceId, alan.user.id],
    )
    const asEditor = await linkFor({ role: 'editor', maxUses: 1 })
    expect((await accept(alan, asEditor)).body.board.access.role).toBe('editor')
    expect((await rowOf(asEditor)).uses).toBe(0)
  })

  test('an invite for an email takes the account with that verified email', async ({
    linkFor,
    accept,
    grace,
    query,
    alan,
    rowOf,
  }) => {
    const token = await linkFor({ role: 'viewer', email: 'ALAN@example.com' })
    const mismatch = { status: 403, code: 'invite_email_mismatch' }
    expect((await accept(grace, token)).body).toMatchObject(mismatch)
    const setVerified = (verified: boolean) =>
      query('UPDATE users SET email_verified = $1, email = $2 WHERE id = $3', [
        verified,
        'Alan@Example.com',
        alan.user.id,
      ])
    await setVerified(false)
    expect((await accept(alan, token)).body).toMatchObject(mismatch)
    expect((await rowOf(token)).uses).toBe(0)
    await setVerified(true)
    expect((await accept(alan, token)).status).toBe(200)
    expect((await accept(grace, token)).body).toMatchObject({ code: 'invite_exhausted' })
  })

  test('asks whether the inviter could still invite', async ({
    join,
    alan,
    make,
    query,
    preview,
    accept,
    grace,
    rowOf,
  }) => {
    await join(alan, 'editor')
    const { token } = (await make(alan)).body
    // Behind the API's back: as a revocation that has not got to the invite yet.
    await query(`UPDATE board_members SET role = 'viewer' WHERE user_id = $1`, [alan.user.id])
    expect((await preview(token)).body.state).toBe('revoked')
    expect((await accept(grace, token)).body).toMatchObject({ status: 410, code: 'invite_revoked' })
    expect((await rowOf(token)).uses).toBe(0)
  })

  test('again with the same Idempotency-Key takes no second seat', async ({
    linkFor,
    accept,
    alan,
    rowOf,
  }) => {
    const token = await linkFor({ role: 'viewer', maxUses: 2 })
    const key = { 'idempotency-key': crypto.randomUUID() }
    const first = await accept(alan, token, key)
    expect(await accept(alan, token, key)).toMatchObject({ status: 200, body: first.body })
    expect((await rowOf(token)).uses).toBe(1)
  })
})

describe('of many at once', () => {
  test('one gets the only seat, and all others the same refusal', async ({
    linkFor,
    racers,
    accept,
    rowOf,
    guests,
  }) => {
    const token = await linkFor({ role: 'editor', maxUses: 1 })
    const answers = await Promise.all(racers.map((racer) => accept(racer, token)))
    const refused = answers.filter((answer) => answer.status !== 200)
    expect(refused).toHaveLength(RACERS - 1)
    for (const { body } of refused) {
      expect(body).toMatchObject({ status: 410, code: 'invite_exhausted' })
    }
    expect((await rowOf(token)).uses).toBe(1)
    expect(await guests()).toHaveLength(1)
  })

  test('as many get seats as there are, and a member takes none', async ({
    racers,
    join,
    linkFor,
    accept,
    rowOf,
    guests,
  }) => {
    const [member, ...others] = racers as [SignedIn, ...SignedIn[]]
    await join(member, 'editor')
    const token = await linkFor({ role: 'editor', maxUses: 7 })
    const [ofMember, ...ofOthers] = await Promise.all(
      [member, ...others].map((racer) => accept(racer, token)),
    )
    expect(ofMember?.status).toBe(200)
    expect(ofOthers.filter((answer) => answer.status === 200)).toHaveLength(7)
    expect((await rowOf(token)).uses).toBe(7)
    expect(await guests()).toHaveLength(8)
  })

  test('one person who accepts many times takes one seat', async ({
    linkFor,
    accept,
    alan,
    rowOf,
  }) => {
    const token = await linkFor({ role: 'editor', maxUses: 5 })
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(alan, token)))
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200))
    expect((await rowOf(token)).uses).toBe(1)
  })

  test('none gets in after the answer that the invite is revoked', async ({
    make,
    ada,
    revoke,
    racers,
    accept,
    guests,
    rowOf,
  }) => {
    const { token, id } = (await make(ada)).body
    let isRevoked = false
    const answers = await Promise.all([
      revoke(ada, id).then(() => {
        isRevoked = true
      }),
      ...racers.map(async (racer) => {
        const sentAfter = isRevoked
        return { sentAfter, answer: await accept(racer, token) }
      }),
    ])
    for (const { sentAfter, answer } of answers.filter((outcome) => outcome !== undefined)) {
      if (sentAfter || answer.status !== 200) expect(answer.body.code).toBe('invite_revoked')
    }
    expect(await guests()).toHaveLength((await rowOf(token)).uses)
  })
})

test('a board has so many open invites and no more; a revoked one makes room', async ({
  query,
  board,
  ada,
  make,
  revoke,
}) => {
  await query(
    `INSERT INTO board_invites (board_id, token, role, expires_at, created_by)
     SELECT $1, 'filler-' || gen_random_uuid(), 'viewer', now() + interval '1 day', $2
     FROM generate_series(1, 99)`,
    [board.id, ada.user.id],
  )
  const last = await make(ada, { role: 'viewer' })
  expect(last.status).toBe(201)
  expect((await make(ada, { role: 'viewer' })).body).toMatchObject({
    status: 409,
    code: 'too_many_invites',
  })
  expect((await revoke(ada, last.body.id)).status).toBe(204)
  expect((await make(ada, { role: 'viewer' })).status).toBe(201)
})

describe('an inviter loses open invites', () => {
  test('with the role on the board that they take', async ({
    join,
    alan,
    make,
    board,
    as,
    ada,
    stateOf,
    rowOf,
    query,
    eventsOf,
  }) => {
    await join(alan, 'owner')
    const token = (await make(alan, { role: 'editor' })).body.token
    const path = `/api/boards/${board.id}/members/${alan.user.id}`
    const demote = (role: string) => as(ada, path, { method: 'PUT', body: { role } })
    expect((await demote('editor')).status).toBe(200)
    expect(await stateOf(token)).toBe('open')
    expect((await demote('viewer')).status).toBe(200)
    expect(await stateOf(token)).toBe('revoked')
    expect((await rowOf(token)).revoked_at).not.toBeNull()
    const rows = await query(
      `SELECT actor_id, changes FROM audit_entries WHERE target_id = $1 AND action = 'invite.revoked'`,
      [(await rowOf(token)).id],
    )
    expect(rows).toEqual([
      {
        actor_id: ada.user.id,
        changes: { reason: 'inviter_lost_right', inviterId: alan.user.id },
      },
    ])
    expect(await eventsOf('invite.revoked')).toHaveLength(1)
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    // What is revoked stays so when the right comes back.
    await join(alan, 'owner')
    expect(await stateOf(token)).toBe('revoked')
  })

  test('with the role in the workspace that they take', async ({
    useTeam,
    as,
    ada,
    make,
    alan,
    board,
    createIn,
    stack,
    stateOf,
    rowOf,
  }) => {
    const workspaceId = await useTeam()
    await joinWorkspace(stack, workspaceId, alan, 'admin')
    const here = (await make(alan, { role: 'editor' })).body.token
    board.id = await createIn(workspaceId)
    const elsewhere = (await make(alan, { role: 'viewer' })).body.token
    const all = [here, elsewhere]
    const ofAlan = `/api/workspaces/${workspaceId}/members/${alan.user.id}`
    const demoted = await as(ada, ofAlan, { method: 'PATCH', body: { role: 'member' } })
    expect(demoted.status).toBe(200)
    expect(await Promise.all(all.map(stateOf))).toEqual(['open', 'open'])
    expect((await as(ada, ofAlan, { method: 'DELETE' })).status).toBe(204)
    expect(await Promise.all(all.map(stateOf))).toEqual(['revoked', 'revoked'])
    for (const token of all) expect((await rowOf(token)).revoked_at).not.toBeNull()
  })
})

describe('who was removed or given a lesser role', () => {
  const REFUSED = { status: 403, code: 'invite_predates_removal' }

  test('does not come back by an older link, and does by a newer one', async ({
    alan,
    linkFor,
    accept,
    as,
    ada,
    board,
    roleOf,
    rowOf,
  }) => {
    const [used, spare] = [await linkFor(), await linkFor({ role: 'viewer' })]
    await accept(alan, used)
    const path = `/api/boards/${board.id}/members/${alan.user.id}`
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    for (const token of [used, spare]) {
      expect((await accept(alan, token)).body).toMatchObject(REFUSED)
    }
    expect(await roleOf(alan)).toBeUndefined()
    expect((await rowOf(spare)).uses).toBe(0)
    expect((await accept(alan, await linkFor())).body.board.access.role).toBe('editor')
  })

  test('does not become an editor again by an older link, not even after leaving', async ({
    alan,
    linkFor,
    accept,
    as,
    ada,
    board,
    roleOf,
  }) => {
    const token = await linkFor()
    await accept(alan, token)
    const path = `/api/boards/${board.id}/members/${alan.user.id}`
    for (const role of ['commenter', 'viewer']) {
      await as(ada, path, { method: 'PUT', body: { role } })
      expect((await accept(alan, token)).body).toMatchObject(REFUSED)
      expect(await roleOf(alan)).toBe(role)
    }
    await as(alan, path, { method: 'DELETE' })
    expect((await accept(alan, token)).body).toMatchObject(REFUSED)
    expect(await roleOf(alan)).toBeUndefined()
  })

  test('does not come to any board of a workspace that removed them', async ({
    useTeam,
    alan,
    stack,
    linkFor,
    accept,
    as,
    ada,
    roleOf,
  }) => {
    const workspaceId = await useTeam()
    await joinWorkspace(stack, workspaceId, alan, 'member')
    const token = await linkFor()
    const path = `/api/workspaces/${workspaceId}/members/${alan.user.id}`
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    expect((await accept(alan, token)).body).toMatchObject(REFUSED)
    expect(await roleOf(alan)).toBeUndefined()
  })

  test('comes back by an older link after leaving by themselves', async ({
    alan,
    linkFor,
    accept,
    as,
    board,
    roleOf,
  }) => {
    const token = await linkFor()
    await accept(alan, token)
    await as(alan, `/api/boards/${board.id}/members/${alan.user.id}`, { method: 'DELETE' })
    expect((await accept(alan, token)).status).toBe(200)
    expect(await roleOf(alan)).toBe('editor')
  })

  test('finds no open link where the owner revokes them on removing', async ({
    alan,
    grace,
    make,
    ada,
    accept,
    as,
    board,
    stateOf,
    query,
  }) => {
    const open = (await make(ada)).body
    const theirs = (await make(ada, { role: 'viewer', email: 'alan@example.com' })).body
    const anothers = (await make(ada, { role: 'viewer', email: 'grace@example.com' })).body
    await accept(alan, open.token)
    const path = `/api/boards/${board.id}/members/${alan.user.id}?revokeInvites=true`
    expect((await as(alan, path, { method: 'DELETE' })).status).toBe(403)
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    const states = [open, theirs, anothers].map(({ token }) => stateOf(token))
    expect(await Promise.all(states)).toEqual(['revoked', 'revoked', 'open'])
    expect((await accept(grace, open.token)).body).toMatchObject({ code: 'invite_revoked' })
    const [entry] = await query(
      `SELECT actor_id, changes FROM audit_entries WHERE target_id = $1
      AND action = 'invite.revoked'`,
      [open.id],
    )
    expect(entry).toEqual({
      actor_id: ada.user.id,
      changes: { reason: 'member_removed', memberId: alan.user.id },
    })
  })

  test('finds no open link to any board of the workspace either', async ({
    useTeam,
    stack,
    alan,
    make,
    ada,
    as,
    board,
    createIn,
    stateOf,
  }) => {
    const workspaceId = await useTeam()
    await joinWorkspace(stack, workspaceId, alan, 'member')
    const here = (await make(ada)).body.token
    board.id = await createIn(workspaceId)
    const elsewhere = (await make(ada)).body.token
    const path = `/api/workspaces/${workspaceId}/members/${alan.user.id}?revokeInvites=true`
    expect((await as(alan, path, { method: 'DELETE' })).status).toBe(403)
    expect((await as(ada, path, { method: 'DELETE' })).status).toBe(204)
    expect(await Promise.all([here, elsewhere].map(stateOf))).toEqual(['revoked', 'revoked'])
  })
})

describe('what a link or a list reveals', () => {
  test.for(CLOSED)(
    'is no name once the invite is $state',
    async ({ sql }, { make, ada, query, preview }) => {
      const { token } = (await make(ada, { role: 'viewer', email: 'alan@example.com' })).body
      await query(sql, [sha256(token)])
      const { body } = await preview(token)
      expect(body).toMatchObject({ boardName: null, workspaceName: null, inviterName: null })
      expect(body).not.toHaveProperty('emailHint')
    },
  )

  test('is the email of an invite to its maker and to managers alone', async ({
    join,
    alan,
    grace,
    make,
    as,
    ada,
    board,
  }) => {
    await join(alan, 'editor')
    await join(grace, 'editor')
    await make(alan, { role: 'viewer', email: 'eve@example.com' })
    const emailsFor = async (who: SignedIn) =>
      (await as(who, `/api/boards/${board.id}/invites`)).body.items.map(
        ({ email }: { email: string | null }) => email,
      )
    expect(await emailsFor(ada)).toEqual(['eve@example.com'])
    expect(await emailsFor(alan)).toEqual(['eve@example.com'])
    expect(await emailsFor(grace)).toEqual([null])
  })

  test('an email with the Kelvin sign is not the one with a k', async ({
    linkFor,
    query,
    alan,
    accept,
  }) => {
    const token = await linkFor({ role: 'viewer', email: 'kim@example.com' })
    await query('UPDATE users SET email = $1 WHERE id = $2', ['\u212Aim@example.com', alan.user.id])
    expect((await accept(alan, token)).body).toMatchObject({ code: 'invite_email_mismatch' })
    await query('UPDATE users SET email = $1 WHERE id = $2', ['KIM@example.com', alan.user.id])
    expect((await accept(alan, token)).status).toBe(200)
    await query('UPDATE users SET email = $1 WHERE id = $2', ['alan@example.com', alan.user.id])
  })
})
