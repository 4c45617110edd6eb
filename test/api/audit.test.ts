import { callApi, type SignedIn, signIn } from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
let owner: SignedIn
let admin: SignedIn
let member: SignedIn
let team: string
beforeAll(async () => {
  stack = await startStack()
  const people = ['owner', 'admin', 'member'].map((name) =>
    signIn(stack.apiUrl, `${name}@example.com`),
  )
  ;[owner, admin, member] = (await Promise.all(people)) as [SignedIn, SignedIn, SignedIn]
  team = (await as(owner, '/api/workspaces', { body: { name: 'Team' } })).body.id
  for (const [who, role] of [
    [admin, 'admin'],
    [member, 'member'],
  ] as const) {
    await as(owner, `${path()}/members`, { body: { email: who.user.email, role } })
  }
  await as(admin, path(), { method: 'PATCH', body: { name: 'Renamed' } })
  await as(member, `${path()}/boards`, { body: { name: 'Board' } })
})
afterAll(() => stack.stop())

const as = (
  who: SignedIn,
  path: string,
  call: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) => callApi(`${stack.apiUrl}${path}`, { token: who.accessToken, ...call })

const path = () => `/api/workspaces/${team}`

const audit = (query = '') => as(owner, `${path()}/audit?${query}`)

async function actions(query = ''): Promise<string[]> {
  const { status, body } = await audit(query)
  expect(status).toBe(200)
  return body.items.map((item: { action: string }) => item.action)
}

const ALL = [
  'board.created',
  'workspace.updated',
  'workspace.member_added',
  'workspace.member_added',
  'workspace.created',
]

test('tells everything that was done in the workspace, newest first', async () => {
  expect(await actions()).toEqual(ALL)
})

test('says who did what to whom, when and from where', async () => {
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
  test.each([
    ['by the owner', () => owner, 200],
    ['by an admin', () => admin, 200],
    ['not by a member', () => member, 403],
  ])('%s', async (_, who, status) => {
    expect((await as(who(), `${path()}/audit`)).status).toBe(status)
  })

  test('not by a stranger, and of no other workspace', async () => {
    const stranger = await signIn(stack.apiUrl, 'stranger@example.com')
    expect((await as(stranger, `${path()}/audit`)).body.code).toBe('workspace_not_found')
    const { body } = await as(stranger, '/api/workspaces', { body: { name: 'Theirs' } })
    const theirs = await as(stranger, `/api/workspaces/${body.id}/audit`)
    expect(theirs.body.items.map((item: { targetId: string }) => item.targetId)).toEqual([body.id])
  })
})

describe('is filtered', () => {
  test('by who did it, and what', async () => {
    expect(await actions(`actorId=${admin.user.id}`)).toEqual(['workspace.updated'])
    expect(await actions('action=workspace.member_added')).toHaveLength(2)
    expect(await actions(`actorId=${admin.user.id}&action=board.created`)).toEqual([])
  })

  test('by time: from the first moment, to before the last', async () => {
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

  test.each([
    ['actorId=me', '/query/actorId'],
    ['action=board.stolen', '/query/action'],
    ['from=yesterday', '/query/from'],
    ['to=2026-02-30T00:00:00Z', '/query/to'],
    ['to=2016-12-31T23:59:60Z', '/query/to'],
    ['q=x', '/query/q'],
    ['cursor=x', '/query/cursor'],
  ])('not by %s', async (query, pointer) => {
    const { status, body } = await audit(query)
    expect([status, body.errors[0].pointer]).toEqual([400, pointer])
  })
})

test('comes in pages that have each entry once, also of one moment', async () => {
  const busy = (await as(owner, '/api/workspaces', { body: { name: 'Busy' } })).body.id
  await stack.database.query(
    `INSERT INTO audit_entries (workspace_id, action, actor_id, target_type, target_id, changes)
     SELECT $1, 'workspace.updated', $2, 'workspace', $1, '{}' FROM generate_series(1, 25)`,
    [busy, owner.user.id],
  )
  const read = async (limit: number): Promise<string[]> => {
    const ids: string[] = []
    let cursor = ''
    do {
      const { body } = await as(owner, `/api/workspaces/${busy}/audit?limit=${limit}${cursor}`)
      ids.push(...body.items.map((item: { id: string }) => item.id))
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`
    } while (cursor)
    return ids
  }
  const all = await read(100)
  expect(new Set(all).size).toBe(26)
  expect(await read(4)).toEqual(all)
})
