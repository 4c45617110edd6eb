import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { readPages } from '../support/pages.ts'
import { joinWorkspace, offerAndAccept } from '../support/people.ts'

const test = base
  .extend('owner', { scope: 'file' }, ({ person }) => person('owner'))
  .extend('admin', { scope: 'file' }, ({ person }) => person('admin'))
  .extend('member', { scope: 'file' }, ({ person }) => person('member'))
  .extend('team', { scope: 'file' }, async ({ as, stack, owner, admin, member }) => {
    const { id } = (await as(owner, '/api/workspaces', { body: { name: 'Team' } })).body
    const path = `/api/workspaces/${id}`
    for (const [who, role] of [
      [admin, 'admin'],
      [member, 'member'],
    ] as const) {
      await offerAndAccept(stack, id, { by: owner, whom: who, role })
    }
    await as(admin, path, { method: 'PATCH', body: { name: 'Renamed' } })
    await as(member, `${path}/boards`, { body: { name: 'Board' } })
    return id as string
  })
  .extend(
    'path',
    ({ team }) =>
      () =>
        `/api/workspaces/${team}`,
  )
  .extend(
    'audit',
    ({ as, owner, path }) =>
      (query = '') =>
        as(owner, `${path()}/audit?${query}`),
  )
  .extend('actions', ({ audit }) => async (query = ''): Promise<string[]> => {
    const { status, body } = await audit(query)
    expect(status).toBe(200)
    const all: string[] = body.items.map((item: { action: string }) => item.action)
    // Those of one transaction are of one moment, so their order says nothing.
    return all.filter((action) => !action.startsWith('membership.'))
  })

const ALL = [
  'board.created',
  'workspace.updated',
  'workspace.member_added',
  'workspace.member_added',
  'workspace.created',
]

test('tells everything that was done in the workspace, newest first', async ({ actions }) => {
  expect(await actions()).toEqual(ALL)
})

test('tells what was offered, and that it was accepted', async ({
  audit,
  owner,
  admin,
  member,
}) => {
  const actors = async (action: string) =>
    (await audit(`action=${action}`)).body.items.map(({ actorId }: { actorId: string }) => actorId)
  expect(await actors('membership.offered')).toEqual([owner.user.id, owner.user.id])
  expect(await actors('membership.accepted')).toEqual([member.user.id, admin.user.id])
})

test('says who did what to whom, when and from where', async ({
  as,
  owner,
  path,
  member,
  audit,
  stack,
}) => {
  await as(owner, `${path()}/members/${member.user.id}`, {
    method: 'PATCH',
    body: { role: 'admin' },
    headers: { 'user-agent': 'test/1' },
  })
  const { body } = await audit('action=workspace.member_updated')
  expect(body.items).toEqual([
    {
      id: expect.any(String),
      action: 'workspace.member_updated',
      actorId: owner.user.id,
      actorName: 'Owner',
      targetType: 'user',
      targetId: member.user.id,
      changes: { role: 'admin', formerRole: 'member' },
      ip: expect.stringMatching(/^(127\.0\.0\.1|::1)/),
      userAgent: 'test/1',
      requestId: expect.any(String),
      createdAt: expect.stringMatching(/Z$/),
    },
  ])
  await as(owner, `${path()}/members/${member.user.id}`, {
    method: 'PATCH',
    body: { role: 'member' },
  })
  await stack.database.query(`DELETE FROM audit_entries WHERE action = 'workspace.member_updated'`)
})

describe('may be read', () => {
  test.for([
    ['by the owner', 'owner', 200],
    ['by an admin', 'admin', 200],
    ['not by a member', 'member', 403],
  ] as const)('%s', async ([_, who, status], { as, owner, admin, member, path }) => {
    expect((await as({ owner, admin, member }[who], `${path()}/audit`)).status).toBe(status)
  })

  test('not by a stranger, and of no other workspace', async ({ person, as, path }) => {
    const stranger = await person('stranger')
    expect((await as(stranger, `${path()}/audit`)).body.code).toBe('workspace_not_found')
    const { body } = await as(stranger, '/api/workspaces', { body: { name: 'Theirs' } })
    const theirs = await as(stranger, `/api/workspaces/${body.id}/audit`)
    expect(theirs.body.items.map((item: { targetId: string }) => item.targetId)).toEqual([body.id])
  })
})

test('says from where to owners alone', async ({ as, owner, admin, path }) => {
  const origins = async (who: typeof owner) => {
    const { body } = await as(who, `${path()}/audit?action=workspace.updated`)
    return body.items.map(({ ip, userAgent }: Record<string, unknown>) => [ip, userAgent])
  }
  expect(await origins(owner)).toEqual([[expect.stringMatching(/1$/), expect.any(String)]])
  expect(await origins(admin)).toEqual([[null, null]])
  expect((await as(admin, path())).body.access.can.readAuditOrigins).toBe(false)
})

test('keeps a user agent of ordinary length', async ({ as, owner, stack }) => {
  const headers = { 'user-agent': 'a'.repeat(10_000) }
  const { body } = await as(owner, '/api/workspaces', { body: { name: 'Long' }, headers })
  const audit = await as(owner, `/api/workspaces/${body.id}/audit`)
  expect(audit.body.items[0].userAgent).toBe('a'.repeat(512))
  await stack.database.query('DELETE FROM audit_entries WHERE target_id = $1', [body.id])
})

test('forgets where the requests of a deleted account came from, and keeps what it did', async ({
  as,
  person,
  owner,
  stack,
}) => {
  const { id } = (await as(owner, '/api/workspaces', { body: { name: 'Left' } })).body
  const leaver = await person('leaver')
  await joinWorkspace(stack, id, leaver, 'admin')
  await as(leaver, `/api/workspaces/${id}`, { method: 'PATCH', body: { name: 'Renamed' } })
  await as(leaver, '/api/auth/me', { method: 'DELETE' })
  const { body } = await as(owner, `/api/workspaces/${id}/audit?actorId=${leaver.user.id}`)
  const entries = body.items.map(
    ({ action, actorName, ip, userAgent }: Record<string, unknown>) => {
      return [action, actorName, ip, userAgent]
    },
  )
  expect(entries).toEqual([
    ['workspace.member_removed', null, null, null],
    ['workspace.updated', null, null, null],
  ])
  const known = await stack.database.query(
    'SELECT FROM audit_entries WHERE actor_id = $1 AND (ip IS NOT NULL OR user_agent IS NOT NULL)',
    [leaver.user.id],
  )
  expect(known).toEqual([])
})

describe('is filtered', () => {
  test('by who did it, and what', async ({ actions, admin }) => {
    expect(await actions(`actorId=${admin.user.id}`)).toEqual([
      'workspace.updated',
      'workspace.member_added',
    ])
    expect(await actions('action=workspace.member_added')).toHaveLength(2)
    expect(await actions(`actorId=${admin.user.id}&action=board.created`)).toEqual([])
  })

  test('by time: from the first moment, to before the last', async ({ audit, actions }) => {
    const { body } = await audit('action=workspace.updated')
    const moment = body.items[0].createdAt
    const until = await actions(`to=${moment}`)
    const since = await actions(`from=${moment}`)
    expect([...since, ...until]).toEqual(ALL)
    expect(since).toContain('workspace.updated')
    expect(await actions(`from=${moment}&to=${moment}`)).toEqual([])
    expect(await actions('from=0001-01-01T00:00:00%2B14:00&to=9999-12-31T23:59:59-14:00')).toEqual(
      ALL,
    )
    expect(await actions('from=0000-01-01T00:00:00Z')).toEqual(ALL)
  })

  test.for([
    ['actorId=me', '/query/actorId'],
    ['action=board.stolen', '/query/action'],
    ['from=yesterday', '/query/from'],
    ['to=2026-02-30T00:00:00Z', '/query/to'],
    ['to=2016-12-31T23:59:60Z', '/query/to'],
    ['q=x', '/query/q'],
    ['cursor=x', '/query/cursor'],
  ])('not by %s', async ([query, pointer], { audit }) => {
    const { status, body } = await audit(query)
    expect([status, body.errors[0].pointer]).toEqual([400, pointer])
  })
})

test('comes in pages that have each entry once, also of one moment', async ({
  as,
  owner,
  stack,
}) => {
  const busy = (await as(owner, '/api/workspaces', { body: { name: 'Busy' } })).body.id
  await stack.database.query(
    `INSERT INTO audit_entries (workspace_id, action, actor_id, target_type, target_id, changes)
     SELECT $1, 'workspace.updated', $2, 'workspace', $1, '{}' FROM generate_series(1, 25)`,
    [busy, owner.user.id],
  )
  const read = async (limit: number): Promise<string[]> => {
    const path = `/api/workspaces/${busy}/audit?limit=${limit}`
    return (await readPages((cursor) => as(owner, `${path}${cursor}`))).map(({ id }) => id)
  }
  const all = await read(100)
  expect(new Set(all).size).toBe(26)
  expect(await read(4)).toEqual(all)
})
