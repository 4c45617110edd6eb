import { callApi, createBoard, type SignedIn, signIn } from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Stack, startStack, WEB_ORIGIN } from '../support/stack.ts'

let stack: Stack
let ada: SignedIn
let alan: SignedIn
beforeAll(async () => {
  stack = await startStack()
  ada = await signIn(stack.apiUrl, 'ada@example.com')
  alan = await signIn(stack.apiUrl, 'alan@example.com')
})
afterAll(() => stack.stop())

const as = (who: SignedIn, path: string, body?: unknown) =>
  callApi(`${stack.apiUrl}${path}`, { token: who.accessToken, body })

async function personalWorkspace(who: SignedIn): Promise<string> {
  return (await as(who, '/api/workspaces')).body.items[0].id
}

describe('workspaces', () => {
  test('are created with their creator as owner, and found again', async () => {
    const created = await as(ada, '/api/workspaces', { name: '  Team  ' })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(`/api/workspaces/${created.body.id}`)
    expect(created.body).toMatchObject({
      name: 'Team',
      type: 'team',
      access: { role: 'owner', can: { read: true, delete: true } },
    })
    expect((await as(ada, `/api/workspaces/${created.body.id}`)).body).toEqual(created.body)
  })

  test('are nothing to a stranger', async () => {
    const id = await personalWorkspace(ada)
    for (const path of [`/api/workspaces/${id}`, `/api/workspaces/${id}/boards`]) {
      expect((await as(alan, path)).body).toMatchObject({
        status: 404,
        code: 'workspace_not_found',
      })
    }
    const refused = await as(alan, `/api/workspaces/${id}/boards`, { name: 'Mine?' })
    expect(refused.status).toBe(404)
  })

  test('are listed newest first, page by page, each once', async () => {
    const grace = await signIn(stack.apiUrl, 'grace@example.com')
    for (let i = 0; i < 7; i++) await as(grace, '/api/workspaces', { name: `W${i}` })
    const names: string[] = []
    let cursor = ''
    do {
      const { body } = await as(grace, `/api/workspaces?limit=3${cursor}`)
      names.push(...body.items.map((item: { name: string }) => item.name))
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`
    } while (cursor)
    expect(names).toEqual(['W6', 'W5', 'W4', 'W3', 'W2', 'W1', 'W0', "Grace's boards"])
  })
})

describe('boards', () => {
  test('are created with their creator as owner, listed, and found again', async () => {
    const workspaceId = await personalWorkspace(ada)
    const created = await as(ada, `/api/workspaces/${workspaceId}/boards`, { name: 'First' })
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

  test('are nothing to a stranger, in the trash, or without existing', async () => {
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    const notFound = { status: 404, code: 'board_not_found' }
    expect((await as(alan, `/api/boards/${boardId}`)).body).toMatchObject(notFound)
    expect((await as(ada, `/api/boards/${crypto.randomUUID()}`)).body).toMatchObject(notFound)
    await stack.database.query('UPDATE boards SET deleted_at = now() WHERE id = $1', [boardId])
    expect((await as(ada, `/api/boards/${boardId}`)).body).toMatchObject(notFound)
  })

  test('show a guest what their role allows', async () => {
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
  test.each([
    ['an unknown field', { name: 'x', color: 'red' }, '/color'],
    ['a wrong type', { name: 5 }, '/name'],
    ['a missing field', {}, '/name'],
    ['an empty name', { name: '' }, '/name'],
    ['a name of blanks', { name: '   ' }, '/name'],
    ['a name that is too long', { name: 'x'.repeat(256) }, '/name'],
  ])('%s is a 400 with a pointer to it', async (_, body, pointer) => {
    const answer = await as(ada, '/api/workspaces', body)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.body).toMatchObject({ status: 400, code: 'validation_failed' })
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
  })

  test.each([
    ['/api/workspaces?limit=0', '/query/limit'],
    ['/api/workspaces?limit=101', '/query/limit'],
    ['/api/workspaces?limit=ten', '/query/limit'],
    ['/api/workspaces?page=2', '/query/page'],
    ['/api/workspaces?cursor=tampered', '/query/cursor'],
    ['/api/boards/no-uuid', '/params/boardId'],
  ])('%s is a 400 that names %s', async (path, pointer) => {
    const answer = await as(ada, path)
    expect(answer.status).toBe(400)
    expect(answer.body.errors[0].pointer).toBe(pointer)
  })

  test('JSON that is none, another media type, a body of 2 MB, an unknown route', async () => {
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

  test('a page of another origin may not read answers, one of the web app may', async () => {
    const preflight = (origin: string) =>
      fetch(`${stack.apiUrl}/api/workspaces`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      }).then((response) => response.headers.get('access-control-allow-origin'))
    expect(await preflight(WEB_ORIGIN)).toBe(WEB_ORIGIN)
    expect(await preflight('https://evil.example')).toBeNull()
  })
})
