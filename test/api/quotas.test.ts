import { type Answer, callApi, type SignedIn, signIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import * as Y from 'yjs'
import { testWith } from '../support/fixtures.ts'
import { send } from '../support/send.ts'

const KIBIBYTE = 1024

const test = testWith({
  quotaLimits: {
    workspacesPerPerson: 3,
    boardsPerWorkspace: 4,
    boardsPerPerson: 6,
    storageBytesPerWorkspace: 100 * KIBIBYTE,
    storageBytesPerPerson: 150 * KIBIBYTE,
    versionsPerBoard: 2,
  },
})
  .extend('newWorkspace', ({ as, person }) => async (name: string, owner = name) => {
    const who = await person(owner)
    const { body } = await as(who, '/api/workspaces', { method: 'POST', body: { name } })
    const post = (path: string, body: object) => as(who, path, { method: 'POST', body })
    return {
      who,
      id: body.id as string,
      post,
      newBoard: () => post(`/api/workspaces/${body.id}/boards`, { name: 'Board' }),
      usage: async () => (await as(who, `/api/workspaces/${body.id}/usage`)).body,
    }
  })
  /** Offers a role in a workspace; what is returned accepts it. */
  .extend(
    'offer',
    ({ as }) =>
      async (
        { id, post }: { id: string; post(path: string, body: object): Promise<Answer> },
        whom: SignedIn,
        role: string,
      ) => {
        const body = { email: whom.user.email, role }
        const offered = await post(`/api/workspaces/${id}/members`, body)
        return () => as(whom, `/api/memberships/${offered.body.id}/accept`, { method: 'POST' })
      },
  )
  /** Imports a text of so many bytes. */
  .extend('importText', ({ stack }) => (token: string, boardId: string, bytes: number) => {
    const doc = new Y.Doc()
    doc.getText('text').insert(0, 'x'.repeat(bytes))
    return send(stack.apiUrl, {
      method: 'POST',
      path: `/api/boards/${boardId}/import`,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/octet-stream',
      },
      body: Buffer.from(Y.encodeStateAsUpdate(doc)),
    })
  })

const statuses = (answers: Answer[]) => answers.map(({ status }) => status).sort()

describe('boards', () => {
  test('of a workspace are bounded, also for requests at the same time', async ({
    newWorkspace,
  }) => {
    const { newBoard, usage } = await newWorkspace('crowded')
    const answers = await Promise.all(Array.from({ length: 12 }, newBoard))
    expect(statuses(answers)).toEqual([...Array(4).fill(201), ...Array(8).fill(409)])
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'quota_exceeded',
      detail:
        'This workspace has 4 boards, the most allowed, including the trash; delete some permanently first',
      details: { quota: 'boards', scope: 'workspace', limit: 4, used: 5 },
    })
    expect((await usage()).boards).toEqual({ used: 4, limit: 4 })
  })

  test('in the trash count until they are deleted', async ({ newWorkspace, as }) => {
    const { who, newBoard } = await newWorkspace('tidy')
    const [first] = await Promise.all(Array.from({ length: 4 }, newBoard))
    const path = `/api/boards/${first?.body.id}`
    expect((await as(who, path, { method: 'DELETE' })).status).toBe(204)
    expect((await newBoard()).status).toBe(409)
    expect((await as(who, `${path}/permanently`, { method: 'DELETE' })).status).toBe(204)
    expect((await newBoard()).status).toBe(201)
  })

  test('of a person are bounded over all of their workspaces', async ({ newWorkspace, as }) => {
    const first = await newWorkspace('wide-1', 'wide')
    const second = await newWorkspace('wide-2', 'wide')
    const create = [first, first, first, second, second, second, second, second]
    const answers = await Promise.all(create.map(({ newBoard }) => newBoard()))
    expect(statuses(answers)).toEqual([...Array(6).fill(201), 409, 409])
    expect((await as(first.who, '/api/usage')).body).toMatchObject({
      workspaces: { used: 2, limit: 3 },
      boards: { used: 6, limit: 6 },
    })
    // Deleting a workspace does not make room: its boards are in the trash.
    await as(first.who, `/api/workspaces/${first.id}`, { method: 'DELETE' })
    expect((await second.newBoard()).body.details).toMatchObject({ scope: 'person', used: 7 })
  })
})

test('team workspaces of a person are bounded', async ({ as, person }) => {
  const who = await person('founder')
  const create = () => as(who, '/api/workspaces', { method: 'POST', body: { name: 'Team' } })
  const answers = await Promise.all(Array.from({ length: 8 }, create))
  expect(statuses(answers)).toEqual([201, 201, 201, ...Array(5).fill(409)])
  const id = answers.find(({ status }) => status === 201)?.body.id
  await as(who, `/api/workspaces/${id}/boards`, { method: 'POST', body: { name: 'Board' } })
  await as(who, `/api/workspaces/${id}`, { method: 'DELETE' })
  expect((await create()).body).toMatchObject({
    code: 'quota_exceeded',
    detail: 'You own 3 team workspaces, the most you can have; delete or transfer one first',
    details: { quota: 'workspaces', scope: 'person', limit: 3, used: 4 },
  })
})

describe('storage', () => {
  test('is used by imports, duplicates and versions, and refused beyond the quota', async ({
    newWorkspace,
    importText,
  }) => {
    const { who, post, newBoard, usage } = await newWorkspace('heavy')
    const { id } = (await newBoard()).body
    const token = who.accessToken
    expect((await importText(token, id, 40 * KIBIBYTE)).status).toBe(200)
    const duplicates = await Promise.all(
      [1, 2, 3].map(() => post(`/api/boards/${id}/duplicate`, {})),
    )
    expect(statuses(duplicates)).toEqual([201, 409, 409])
    const full = { code: 'quota_exceeded', details: { quota: 'storage', scope: 'workspace' } }
    expect(duplicates.find(({ status }) => status === 409)?.body).toMatchObject(full)
    expect((await post(`/api/boards/${id}/versions`, { name: 'V' })).body).toMatchObject(full)
    const refused = await importText(token, id, 30 * KIBIBYTE)
    expect(refused.status).toBe(409)
    const { boards, storageBytes } = await usage()
    expect(boards.used).toBe(2)
    expect(storageBytes.limit).toBe(100 * KIBIBYTE)
    expect(storageBytes.used).toBeGreaterThan(80 * KIBIBYTE)
    expect(storageBytes.used).toBeLessThan(81 * KIBIBYTE)
  })

  test('is used by what is in quarantine', async ({ newWorkspace, importText, stack }) => {
    const { who, newBoard, usage } = await newWorkspace('quarantined')
    const { id } = (await newBoard()).body
    expect((await importText(who.accessToken, id, 40 * KIBIBYTE)).status).toBe(200)
    const before = (await usage()).storageBytes.used
    await stack.database.query(
      `INSERT INTO quarantined_updates (board_id, seq, kind, update, reason, created_at)
       VALUES ($1, 1, 'update', $2, 'test', now())`,
      [id, Buffer.alloc(50 * KIBIBYTE)],
    )
    expect((await usage()).storageBytes.used).toBe(before + 50 * KIBIBYTE)
    expect((await importText(who.accessToken, id, 40 * KIBIBYTE)).status).toBe(409)
  })

  test('of a person is bounded over all of their workspaces', async ({
    newWorkspace,
    importText,
  }) => {
    const first = await newWorkspace('owner-1', 'owner-of-two')
    const second = await newWorkspace('owner-2', 'owner-of-two')
    const token = first.who.accessToken
    const boards = await Promise.all([first.newBoard(), second.newBoard()])
    const [one, two] = await Promise.all(
      boards.map(({ body }) => importText(token, body.id, 80 * KIBIBYTE)),
    )
    expect([one?.status, two?.status].sort()).toEqual([200, 409])
  })
})

describe('of owners together', () => {
  const TOO_MUCH = { status: 409, code: 'quota_exceeded' }

  test('the workspaces count for each of them', async ({ newWorkspace, offer, as }) => {
    const theirs = await newWorkspace('theirs-1')
    const own = []
    for (const name of ['own-1', 'own-2', 'own-3']) own.push(await newWorkspace(name, 'full'))
    const heir = own[0]!.who
    const accept = await offer(theirs, heir, 'owner')
    expect((await accept()).body).toMatchObject({
      ...TOO_MUCH,
      details: { quota: 'workspaces', scope: 'person', limit: 3, used: 4 },
    })
    // The offer stays, for when there is room.
    expect((await as(heir, '/api/memberships')).body.items).toHaveLength(1)
    await as(heir, `/api/workspaces/${own[2]!.id}`, { method: 'DELETE' })
    expect((await accept()).status).toBe(200)
    expect((await as(heir, '/api/usage')).body).toMatchObject({
      workspaces: { used: 3 },
      boards: { used: 0 },
    })
    const create = { method: 'POST', body: { name: 'One more' } }
    expect((await as(heir, '/api/workspaces', create)).status).toBe(409)
  })

  test('the boards count for the first, and whoever is next has room for them', async ({
    newWorkspace,
    offer,
    as,
  }) => {
    const theirs = await newWorkspace('theirs-2')
    const own = await newWorkspace('own-of-heir')
    const [first] = await Promise.all(Array.from({ length: 3 }, own.newBoard))
    await Promise.all(Array.from({ length: 4 }, theirs.newBoard))
    expect((await (await offer(theirs, own.who, 'owner'))()).status).toBe(200)

    const leave = () =>
      as(theirs.who, `/api/workspaces/${theirs.id}/members/${theirs.who.user.id}`, {
        method: 'DELETE',
      })
    const demote = () =>
      as(own.who, `/api/workspaces/${theirs.id}/members/${theirs.who.user.id}`, {
        method: 'PATCH',
        body: { role: 'member' },
      })
    const deleteAccount = () => as(theirs.who, '/api/auth/me', { method: 'DELETE' })
    for (const refused of [await leave(), await demote(), await deleteAccount()]) {
      expect(refused.body).toMatchObject({
        ...TOO_MUCH,
        detail:
          'With this workspace its next owner would own more than allowed; delete boards permanently first, or choose another owner',
        details: { quota: 'boards', scope: 'person', limit: 6, used: 7 },
      })
    }
    expect((await own.newBoard()).status).toBe(201)
    for (const { id } of (await as(own.who, `/api/workspaces/${own.id}/boards`)).body.items) {
      if (id === first?.body.id) continue
      await as(own.who, `/api/boards/${id}`, { method: 'DELETE' })
      await as(own.who, `/api/boards/${id}/permanently`, { method: 'DELETE' })
    }
    expect((await leave()).status).toBe(204)
    expect((await as(own.who, '/api/usage')).body).toMatchObject({ boards: { used: 5 } })
  })

  test('a workspace is handed over to who has room for what it stores', async ({
    newWorkspace,
    importText,
    offer,
    as,
  }) => {
    const theirs = await newWorkspace('theirs-3')
    const own = await newWorkspace('own-of-next')
    for (const { who, newBoard } of [theirs, own]) {
      const { id } = (await newBoard()).body
      expect((await importText(who.accessToken, id, 80 * KIBIBYTE)).status).toBe(200)
    }
    expect((await (await offer(theirs, own.who, 'member'))()).status).toBe(200)
    const body = { userId: own.who.user.id }
    const { id } = (await theirs.post(`/api/workspaces/${theirs.id}/transfer`, body)).body
    const accept = () => as(own.who, `/api/memberships/${id}/accept`, { method: 'POST' })
    expect((await accept()).body).toMatchObject({
      ...TOO_MUCH,
      details: { quota: 'storage', scope: 'person', limit: 150 * KIBIBYTE },
    })
    await as(own.who, `/api/workspaces/${own.id}`, { method: 'DELETE' })
    // In the trash it is stored.
    expect((await accept()).status).toBe(409)
  })

  test('an account that goes leaves its deleted workspaces to nobody', async ({
    newWorkspace,
    offer,
    as,
  }) => {
    const theirs = await newWorkspace('theirs-4')
    const own = await newWorkspace('own-of-last')
    await Promise.all(Array.from({ length: 4 }, theirs.newBoard))
    expect((await (await offer(theirs, own.who, 'owner'))()).status).toBe(200)
    await as(theirs.who, `/api/workspaces/${theirs.id}`, { method: 'DELETE' })
    expect((await as(theirs.who, '/api/auth/me', { method: 'DELETE' })).status).toBe(200)
    expect((await as(own.who, '/api/usage')).body).toMatchObject({
      workspaces: { used: 1 },
      boards: { used: 0 },
    })
  })
})

test('versions of a board are bounded', async ({ newWorkspace, as }) => {
  const { who, post, newBoard, usage } = await newWorkspace('keeper')
  const { id } = (await newBoard()).body
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => post(`/api/boards/${id}/versions`, { name: 'V' })),
  )
  expect(statuses(answers)).toEqual([201, 201, 409, 409, 409])
  expect(answers.find(({ status }) => status === 409)?.body.details).toEqual({
    quota: 'versions',
    scope: 'board',
    limit: 2,
    used: 3,
  })
  expect((await usage()).versionsPerBoard).toEqual({ limit: 2 })
  const details = await as(who, `/api/boards/${id}/document`)
  expect(details.body).toMatchObject({ versions: { used: 2, limit: 2 }, maxBytes: 67_108_864 })
})

test('a quota of 0 is none', async ({ startStack }) => {
  const { apiUrl } = await startStack({
    quotaLimits: { workspacesPerPerson: 0, boardsPerWorkspace: 0, boardsPerPerson: 0 },
  })
  const { accessToken: token } = await signIn(apiUrl, 'free@example.com')
  const { body } = await callApi(`${apiUrl}/api/workspaces`, {
    token,
    method: 'POST',
    body: { name: 'Team' },
  })
  const usage = await callApi(`${apiUrl}/api/workspaces/${body.id}/usage`, { token })
  expect(usage.body.boards).toEqual({ used: 0, limit: null })
})
