import { createBoard, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { newPicture, upload } from '../support/files.ts'
import { test as base } from '../support/fixtures.ts'
import { addMember, joinWorkspace } from '../support/people.ts'
import { startProcess } from '../support/process.ts'

const test = base
  .extend('download', { scope: 'file' }, ({ stack }) => {
    return async (who: SignedIn, path: string, init: RequestInit = {}) => {
      const response = await fetch(`${stack.apiUrl}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${who.accessToken}`, 'content-type': 'application/json' },
      })
      return { response, held: response.ok ? linesOf(await response.text()) : [] }
    }
  })
  /** Grace, with something of every kind, and others who have to do with her. */
  .extend('grace', { scope: 'file' }, async ({ as, documents, person, stack }) => {
    const grace = await person('grace')
    const friend = await person('friend')
    const { body: team } = await as(grace, '/api/workspaces', { body: { name: 'Compilers' } })
    await joinWorkspace(stack, team.id, friend, 'member')
    const offer = (email: string) => ({ body: { email, role: 'member' } })
    await as(grace, `/api/workspaces/${team.id}/members`, offer('invited@example.com'))
    const own = await createBoard(stack.apiUrl, grace.accessToken, 'Own')
    await as(grace, `/api/boards/${own}/invite`, {
      body: { role: 'viewer', email: 'guest@example.com' },
    })

    const { body: others } = await as(friend, '/api/workspaces', { body: { name: 'Others' } })
    await as(friend, `/api/workspaces/${others.id}/members`, offer('grace@example.com'))
    const shared = await createBoard(stack.apiUrl, friend.accessToken, 'Shared')
    await addMember(stack, shared, grace, 'editor')
    const left = await createBoard(stack.apiUrl, friend.accessToken, 'Left')
    await createBoard(stack.apiUrl, friend.accessToken, 'Not hers')
    const doc = new Doc()
    doc.getMap('shapes').set('a', 1)
    await documents.append(shared, grace.user.id, encodeStateAsUpdate(doc))
    await stack.database.query(
      `INSERT INTO board_activity (board_id, started_at, user_id, updates, bytes, first_seq, last_seq)
       VALUES ($1, '2024-01-01T00:00Z', $2, 7, 70, 1, 7)`,
      [left, grace.user.id],
    )
    const picture = newPicture()
    for (const boardId of [own, shared]) await upload(stack, grace, boardId, picture)
    await upload(stack, friend, shared, newPicture())
    await stack.database.query(
      `INSERT INTO board_links (board_id, token, role, password, created_by)
       VALUES ($1, 'token-of-link', 'viewer', 'password-of-link', $2)`,
      [own, grace.user.id],
    )
    return { ...grace, boards: { own, shared, left }, teams: [team.id, others.id] as string[] }
  })

type Line = Record<string, unknown>

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

const ofKind = (held: Line[], kind: string) => held.filter((line) => line.kind === kind)

test('people download what is held of them: no secret, and no email of another', async ({
  download,
  grace,
}) => {
  const { response, held } = await download(grace, '/api/auth/me/export')
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename="${grace.user.id}.jsonl"`,
  )
  expect(held[0]).toMatchObject({ kind: 'account', id: grace.user.id, email: 'grace@example.com' })
  expect(ofKind(held, 'session')).toMatchObject([{ ip: expect.any(String), earlierUses: [] }])
  expect(ofKind(held, 'workspace')).toHaveLength(2)
  expect(ofKind(held, 'board')).toHaveLength(3)
  const boards = new Map(ofKind(held, 'board').map((board) => [board.id, board]))
  const { own, shared, left } = grace.boards
  expect(boards.get(own)).toMatchObject({ isCreator: true, role: 'owner', edits: 0 })
  expect(boards.get(shared)).toMatchObject({ isCreator: false, role: 'editor', edits: 1 })
  expect(boards.get(left)).toMatchObject({
    ...{ isCreator: false, role: null, edits: 7, editedBytes: 70 },
    firstEditedAt: '2024-01-01T00:00:00.000Z',
  })
  expect(ofKind(held, 'invite')).toMatchObject([{ isYours: true, isForOneEmail: true }])
  expect(ofKind(held, 'link')).toMatchObject([{ boardId: own, role: 'viewer' }])
  const files = ofKind(held, 'file')
  const boardsOfFiles = files.flatMap(({ boards }) => boards as Line[])
  expect(boardsOfFiles.map(({ boardId }) => boardId).toSorted()).toEqual([own, shared].toSorted())
  const [team, others] = grace.teams
  const offers = new Map(ofKind(held, 'offer').map((offer) => [offer.workspaceId, offer.isYours]))
  expect(offers).toEqual(
    new Map([
      [team, true],
      [others, false],
    ]),
  )
  const actions = ofKind(held, 'auditEntry').map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['workspace.created', 'invite.created']))

  const text = JSON.stringify(held)
  expect(text.match(/[\w.]+@example\.com/g)).toEqual(['grace@example.com'])
  expect(text).not.toMatch(/token|salt|password/i)
})

test('an offer to an email that is not proven is not of the person', async ({
  as,
  download,
  person,
  stack,
}) => {
  const liar = await person('liar')
  const owner = await person('owner')
  const claim = `UPDATE users SET email = 'boss@example.com', email_verified = false WHERE id = $1`
  await stack.database.query(claim, [liar.user.id])
  const { body: team } = await as(owner, '/api/workspaces', { body: { name: 'Team' } })
  const offer = { email: 'boss@example.com', role: 'member' }
  await as(owner, `/api/workspaces/${team.id}/members`, { body: offer })
  const { held } = await download(liar, '/api/auth/me/export')
  expect(ofKind(held, 'offer')).toEqual([])
})

test('what takes several pages comes as a whole, each thing once', async ({
  download,
  person,
  stack,
}) => {
  const busy = await person('busy')
  await stack.database.query(
    `INSERT INTO audit_entries (action, actor_id, target_type, target_id, changes)
     SELECT 'board.updated', $1, 'board', gen_random_uuid(), '{}' FROM generate_series(1, 1750)`,
    [busy.user.id],
  )
  const { held } = await download(busy, '/api/auth/me/export')
  const updates = held.filter(({ action }) => action === 'board.updated')
  expect(new Set(updates.map(({ id }) => id)).size).toBe(1_750)
  expect(updates).toHaveLength(1_750)
})

test('an administrator downloads the same, which is audited and then held too', async ({
  administrator,
  as,
  download,
  grace,
}) => {
  const path = `/api/admin/people/${grace.user.id}/export`
  const exported = () =>
    download(administrator, path, { method: 'POST', body: '{"reason":"asked for it"}' })
  const own = await download(grace, '/api/auth/me/export')
  const { held } = await exported()
  expect(held).toEqual([
    ...own.held,
    expect.objectContaining({ kind: 'actOfAdministrators', action: 'person.export' }),
  ])
  const { body } = await as(administrator, '/api/admin/audit?limit=1')
  expect(body.items).toMatchObject([
    { action: 'person.export', targetId: grace.user.id, reason: 'asked for it' },
  ])
  const nobody = `/api/admin/people/${crypto.randomUUID()}/export`
  expect(await as(administrator, nobody, { body: {} })).toMatchObject({ status: 404 })
})

test('the command line prints the same', async ({ download, grace, stack }) => {
  const { held } = await download(grace, '/api/auth/me/export')
  const environment = { DATABASE_URL: stack.database.url, LOG_LEVEL: 'warn' }
  const args = ['export', grace.user.id]
  const process = startProcess('apps/api/dist/admin.js', environment, { args })
  expect(await process.exitCode()).toBe(0)
  const printed = linesOf(process.output())
  const isNoAct = ({ kind }: Line) => kind !== 'actOfAdministrators'
  expect(printed.filter(isNoAct)).toEqual(held.filter(isNoAct))
  expect(printed).toContainEqual(expect.objectContaining({ action: 'person.export' }))
})
