import { callApi, createBoard, type SignedIn, signIn } from '@mindfuse/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack.stop())

const as = (who: SignedIn, path: string, options: { method?: string; body?: unknown } = {}) =>
  callApi(`${stack.apiUrl}${path}`, { token: who.accessToken, ...options })
const deleteAccount = (who: SignedIn) => as(who, '/api/auth/me', { method: 'DELETE' })

async function team(owner: SignedIn, ...members: SignedIn[]): Promise<string> {
  const { body } = await as(owner, '/api/workspaces', { body: { name: 'Team' } })
  for (const { user } of members) {
    await stack.database.query(
      `INSERT INTO workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 'member')`,
      [body.id, user.id],
    )
  }
  return body.id
}

test('an account goes with what is its owner’s alone, and leaves what is shared', async () => {
  const ada = await signIn(stack.apiUrl, 'ada@example.com')
  const alan = await signIn(stack.apiUrl, 'alan@example.com')
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

  const again = await signIn(stack.apiUrl, 'ada@example.com')
  expect(again.user.id).not.toBe(ada.user.id)
})

test('the only owner of a workspace with others cannot go before passing it on', async () => {
  const grace = await signIn(stack.apiUrl, 'grace@example.com')
  const alan = await signIn(stack.apiUrl, 'alan@example.com')
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
