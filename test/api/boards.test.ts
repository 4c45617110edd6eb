import { createBoard, type SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'
import { readPages } from '../support/pages.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

const test = base.extend(
  'personalWorkspace',
  ({ as }) =>
    async (who: SignedIn): Promise<string> => {
      return (await as(who, '/api/workspaces')).body.items[0].id
    },
)

describe('workspaces', () => {
  test('are created with their creator as owner, and found again', async ({ as, ada }) => {
    const created = await as(ada, '/api/workspaces', { body: { name: '  Team  ' } })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(`/api/workspaces/${created.body.id}`)
    expect(created.body).toMatchObject({
      name: 'Team',
      type: 'team',
      access: { role: 'owner', can: { read: true, delete: true } },
    })
    expect((await as(ada, `/api/workspaces/${created.body.id}`)).body).toEqual(created.body)
  })

  test('are nothing to a stranger', async ({ personalWorkspace, ada, as, alan }) => {
    const id = await personalWorkspace(ada)
    for (const path of [`/api/workspaces/${id}`, `/api/workspaces/${id}/boards`]) {
      expect((await as(alan, path)).body).toMatchObject({
        status: 404,
        code: 'workspace_not_found',
      })
    }
    const refused = await as(alan, `/api/workspaces/${id}/boards`, { body: { name: 'Mine?' } })
    expect(refused.status).toBe(404)
  })

  test('are listed newest first, page by page, each once', async ({ person, as }) => {
    const grace = await person('grace')
    for (let i = 0; i < 7; i++) await as(grace, '/api/workspaces', { body: { name: `W${i}` } })
    const items = await readPages((cursor) => as(grace, `/api/workspaces?limit=3${cursor}`))
    expect(items.map(({ name }) => name)).toEqual([
      'W6',
      'W5',
      'W4',
      'W3',
      'W2',
      'W1',
      'W0',
      'Grace',
    ])
  })
})

describe('boards', () => {
  test('are created with their creator as owner, listed, and found again', async ({
    personalWorkspace,
    ada,
    as,
  }) => {
    const workspaceId = await personalWorkspace(ada)
    const created = await as(ada, `/api/workspaces/${workspaceId}/boards`, {
      body: { name: 'First' },
    })
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      workspaceId,
      name: 'First',
      createdBy: ada.user.id,
      access: { role: 'owner', can: { edit: true, trash: true } },
    })
    expect((await as(ada, `/api/boards/${created.body.id}`)).body).toEqual(created.body)
    const list = await as(ada, `/api/workspaces/${workspaceId}/boards`)
    expect(list.body.items).toContainEqual(created.body)
  })

  test('are nothing to a stranger, in the trash, or without existing', async ({
    stack,
    ada,
    as,
    alan,
  }) => {
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    const notFound = { status: 404, code: 'board_not_found' }
    expect((await as(alan, `/api/boards/${boardId}`)).body).toMatchObject(notFound)
    expect((await as(ada, `/api/boards/${crypto.randomUUID()}`)).body).toMatchObject(notFound)
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [boardId])
    expect((await as(alan, `/api/boards/${boardId}`)).body).toMatchObject(notFound)
  })

  test('show a guest what their role allows', async ({ stack, ada, alan, as }) => {
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    await stack.database.query(
      `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'viewer')`,
      [boardId, alan.user.id],
    )
    const { body } = await as(alan, `/api/boards/${boardId}`)
    expect(body.access).toMatchObject({ role: 'viewer', can: { read: true, edit: false } })
  })
})

describe('bad input', () => {
  test.for([
    ['an unknown field', { name: 'x', color: 'red' }, '/color'],
    ['a wrong type', { name: 5 }, '/name'],
    ['a missing field', {}, '/name'],
    ['an empty name', { name: '' }, '/name'],
    ['a name of blanks', { name: '   ' }, '/name'],
    ['a name that nobody sees', { name: '\u200b\u202e\u3164' }, '/name'],
    ['a name that is too long', { name: 'x'.repeat(256) }, '/name'],
  ])('%s is a 400 with a pointer to it', async ([_, body, pointer], { as, ada }) => {
    const answer = await as(ada, '/api/workspaces', { body })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.body).toMatchObject({ status: 400, code: 'validation_failed' })
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
  })

  test.for<[path: string, pointer: string]>([
    ['/api/workspaces?limit=0', '/query/limit'],
    ['/api/workspaces?limit=101', '/query/limit'],
    ['/api/workspaces?limit=ten', '/query/limit'],
    ['/api/workspaces?page=2', '/query/page'],
    ['/api/workspaces?cursor=tampered', '/query/cursor'],
    ['/api/boards/no-uuid', '/params/boardId'],
  ])('%s is a 400 that names %s', async ([path, pointer], { as, ada }) => {
    const answer = await as(ada, path)
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })

  test('JSON that is none, another media type, a body of 2 MB, an unknown route', async ({
    stack,
    ada,
    as,
  }) => {
    const post = (contentType: string, body: string) =>
      fetch(`${stack.apiUrl}/api/workspaces`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ada.accessToken}`, 'content-type': contentType },
        body,
      }).then((response) => response.json())
    expect(await post('application/json', '{')).toMatchObject({ status: 400 })
    expect(await post('text/plain', 'x')).toMatchObject({ status: 415 })
    expect(await post('application/json', `"${'x'.repeat(2e6)}"`)).toMatchObject({ status: 413 })
    expect((await as(ada, '/api/nothing')).body).toMatchObject({
      status: 404,
      code: 'route_not_found',
      requestId: expect.any(String),
    })
  })

  test('a page of another origin may not read answers, one of the web app may', async ({
    stack,
  }) => {
    const preflight = (origin: string) =>
      fetch(`${stack.apiUrl}/api/workspaces`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      }).then((response) => response.headers.get('access-control-allow-origin'))
    expect(await preflight(WEB_ORIGIN)).toBe(WEB_ORIGIN)
    expect(await preflight('https://evil.example')).toBeNull()
  })
})
