import { CLOSE_CODES } from '@mindfuse/protocol'
import { connectWhiteboard, createBoard, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { openEvents } from '../support/event-stream.ts'
import { testWith } from '../support/fixtures.ts'
import { addMember, joinWorkspace } from '../support/people.ts'

const test = testWith({ gateways: 2, quotaLimits: { boardsPerWorkspace: 3 } })
  /** Two teams of an owner and a member each; a board of the first, with a guest. */
  .extend('scene', async ({ as, person, stack, task }) => {
    const names = ['seller', 'clerk', 'buyer', 'helper', 'guest']
    const people = await Promise.all(names.map((name) => person(`${name}-${task.id}`)))
    const [seller, clerk, buyer, helper, guest] = people as [SignedIn, ...SignedIn[]] as [
      ...[SignedIn, SignedIn, SignedIn, SignedIn, SignedIn],
    ]
    const newTeam = async (owner: SignedIn, member: SignedIn): Promise<string> => {
      const { body } = await as(owner, '/api/workspaces', { body: { name: 'Team' } })
      await joinWorkspace(stack, body.id, member, 'member')
      return body.id
    }
    const from = await newTeam(seller, clerk)
    const to = await newTeam(buyer, helper)
    const path = `/api/workspaces/${from}/boards`
    const boardId: string = (await as(seller, path, { body: { name: 'Plan' } })).body.id
    await addMember(stack, boardId, guest, 'editor')
    // Creating it made the seller its owner, too: then they would keep it.
    const leave = 'DELETE FROM board_members WHERE board_id = $1 AND user_id = $2'
    await stack.database.query(leave, [boardId, seller.user.id])
    return { seller, clerk, buyer, helper, guest, from, to, boardId }
  })
  .extend(
    'move',
    ({ as, administrator }) =>
      (boardId: string, workspaceId: string, more: { force?: boolean } = {}) =>
        as(administrator, `/api/admin/boards/${boardId}/move`, {
          body: { workspaceId, reason: 'sold', ...more },
        }),
  )
  .extend('watch', ({ atEnd, stack }) => async (who: SignedIn, workspaceId?: string) => {
    const query = workspaceId === undefined ? {} : { workspaceId }
    const stream = await openEvents(stack.apiUrl, { token: who.accessToken, query })
    atEnd(() => stream.close())
    await stream.until('its list', ({ name }) => name === 'boards:initial')
    return stream
  })
  .extend('connect', ({ atEnd, stack, scene }) => async (who: SignedIn, gateway: number) => {
    const realtimeUrl = stack.realtimeUrls[gateway] ?? ''
    const { boardId } = scene
    const client = await connectWhiteboard({ realtimeUrl, boardId, token: who.accessToken })
    atEnd(() => client.destroy())
    return client
  })

test('members of the workspace lose a board that moves, those of the other one get it, at once', async ({
  as,
  connect,
  move,
  scene,
  watch,
}) => {
  const { seller, clerk, buyer, helper, guest, from, to, boardId } = scene
  const out = await Promise.all([connect(seller, 0), connect(clerk, 1)])
  const staying = await Promise.all([connect(guest, 0), connect(guest, 1)])
  const [loses, gets, stays, staysAway] = await Promise.all([
    ...[watch(clerk), watch(helper), watch(guest), watch(seller, from)],
  ] as const)
  await expect(connect(helper, 0)).rejects.toMatchObject({ status: 404 })

  const startedAt = performance.now()
  expect((await move(boardId, to)).status).toBe(204)
  for (const client of out) expect(await client.closeCode()).toBe(CLOSE_CODES.ACCESS_REMOVED)
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  for (const { socket } of staying) expect(socket.readyState).toBe(socket.OPEN)
  await connect(helper, 0)
  await connect(buyer, 1)
  await expect(connect(clerk, 0)).rejects.toMatchObject({ status: 404 })

  const isOfBoards = ({ name }: { name: string }) => name === 'boards:update'
  await Promise.all([loses, gets, stays, staysAway].map((it) => it.until('the move', isOfBoards)))
  const gone = { type: 'delete', data: { id: boardId, workspaceId: from } }
  const here = (role: string) => ({
    type: 'add',
    data: expect.objectContaining({
      ...{ id: boardId, workspaceId: to },
      access: expect.objectContaining({ role }),
    }),
  })
  expect(loses.updates('boards:update')).toEqual([gone])
  expect(staysAway.updates('boards:update')).toEqual([gone])
  expect(gets.updates('boards:update')).toEqual([here('editor')])
  await expect.poll(() => stays.updates('boards:update')).toEqual([gone, here('editor')])
  expect((await as(clerk, `/api/boards/${boardId}`)).status).toBe(404)
  expect((await as(buyer, `/api/boards/${boardId}`)).body.access.role).toBe('owner')
})

test('both workspaces and the audit of administration record a move, which may be repeated', async ({
  administrator,
  as,
  move,
  scene,
}) => {
  const { seller, buyer, from, to, boardId } = scene
  await move(boardId, to)
  expect((await move(boardId, to)).status).toBe(204)
  const moves = async (who: SignedIn, workspaceId: string) => {
    const { body } = await as(who, `/api/workspaces/${workspaceId}/audit?action=board.moved`)
    return body.items
  }
  const actorId = administrator.user.id
  const entry = { actorId, targetId: boardId, ip: null }
  expect(await moves(seller, from)).toMatchObject([{ ...entry, changes: { toWorkspaceId: to } }])
  expect(await moves(buyer, to)).toMatchObject([{ ...entry, changes: { fromWorkspaceId: from } }])
  const { body } = await as(administrator, '/api/admin/audit?limit=2')
  const act = { action: 'board.move', targetId: boardId, reason: 'sold' }
  expect(body.items).toMatchObject([
    { ...act, changes: {} },
    { ...act, changes: { from, to, force: false } },
  ])
})

test('invites and links to a board end when it moves, those of people who stay as well', async ({
  as,
  move,
  person,
  scene,
  stack,
}) => {
  const { guest, to, boardId } = scene
  const promote = `UPDATE board_members SET role = 'owner' WHERE user_id = $1`
  await stack.database.query(promote, [guest.user.id])
  const invite = { body: { role: 'viewer' } }
  const { body } = await as(guest, `/api/boards/${boardId}/invite`, invite)
  const token = new URL(body.url).pathname.split('/').at(-1)
  const visitor = await person('visitor')
  const [{ id: linkId }] = await stack.database.query(
    `INSERT INTO board_links (board_id, token, role, created_by) VALUES ($1, 'x', 'viewer', $2)
     RETURNING id`,
    [boardId, guest.user.id],
  )
  await stack.database.query(
    `INSERT INTO link_grants (user_id, board_id, link_id, role, as_guest)
     VALUES ($1, $2, $3, 'viewer', false)`,
    [visitor.user.id, boardId, linkId],
  )
  const seen = async () => (await as(visitor, `/api/boards/${boardId}`)).status
  expect(await seen()).toBe(200)
  await move(boardId, to)
  expect(await seen()).toBe(404)
  const stranger = await person('stranger')
  const accepted = await as(stranger, `/api/invites/${token}/accept`, { method: 'POST' })
  expect(accepted).toMatchObject({ status: 410, body: { code: 'invite_revoked' } })
  const again = await as(guest, `/api/boards/${boardId}/invite`, invite)
  expect(again.status).toBe(201)
})

test('a full workspace takes no board unless that is forced, which is audited', async ({
  administrator,
  as,
  move,
  scene,
}) => {
  const { buyer, to, boardId } = scene
  for (const name of ['1', '2', '3']) {
    await as(buyer, `/api/workspaces/${to}/boards`, { body: { name } })
  }
  expect(await move(boardId, to)).toMatchObject({
    status: 409,
    body: { code: 'quota_exceeded', details: { scope: 'workspace', quota: 'boards' } },
  })
  expect((await as(buyer, `/api/boards/${boardId}`)).status).toBe(404)
  expect((await move(boardId, to, { force: true })).status).toBe(204)
  expect((await as(buyer, `/api/boards/${boardId}`)).status).toBe(200)
  const { body } = await as(administrator, '/api/admin/audit?limit=1')
  expect(body.items).toMatchObject([{ action: 'board.move', changes: { force: true } }])
})

test('a board or workspace that is not there is not found, and moves in turn leave it in one place', async ({
  move,
  scene,
  stack,
}) => {
  const { from, to, boardId } = scene
  const nothing = crypto.randomUUID()
  expect((await move(nothing, to)).body).toMatchObject({ code: 'board_not_found' })
  expect((await move(boardId, nothing)).body).toMatchObject({ code: 'workspace_not_found' })
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => move(boardId, i % 2 ? from : to)),
  )
  const statuses = new Set(answers.map(({ status }) => status))
  expect([...statuses].filter((status) => ![204, 202, 409].includes(status))).toEqual([])
  const where = 'SELECT workspace_id FROM boards WHERE id = $1'
  const [row] = await stack.database.query(where, [boardId])
  expect([from, to]).toContain(row.workspace_id)
})

test('a board in the trash moves with it, and is restored where it is', async ({
  as,
  move,
  scene,
  stack,
}) => {
  const { buyer, seller, to } = scene
  const trashed = await createBoard(stack.apiUrl, seller.accessToken)
  await as(seller, `/api/boards/${trashed}`, { method: 'DELETE' })
  expect((await move(trashed, to)).status).toBe(204)
  const { body } = await as(buyer, `/api/workspaces/${to}/trash`)
  expect(body.items).toMatchObject([{ id: trashed }])
  expect((await as(buyer, `/api/boards/${trashed}/restore`, { method: 'POST' })).status).toBe(200)
})
