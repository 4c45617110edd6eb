import { encodeUpdate } from '@mindfuse/protocol'
import { createBoard, eventually, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { testWith } from '../support/fixtures.ts'
import { startProcess } from '../support/process.ts'

const KIBIBYTE = 1024

/** How long gateways may take to learn what administrators set, milliseconds. */
const LEARNED_WITHIN_MS = 70_000

const test = testWith({
  gateways: 2,
  quotaLimits: {
    boardsPerWorkspace: 2,
    boardsPerPerson: 3,
    storageBytesPerWorkspace: 64 * KIBIBYTE,
    storageBytesPerPerson: 64 * KIBIBYTE,
  },
})
  .extend('newTeam', { scope: 'file' }, ({ as }) => async (who: SignedIn) => {
    const { body } = await as(who, '/api/workspaces', { body: { name: 'Team' } })
    const newBoard = () => as(who, `/api/workspaces/${body.id}/boards`, { body: { name: 'Board' } })
    const usage = async () => (await as(who, `/api/workspaces/${body.id}/usage`)).body
    return { id: body.id as string, newBoard, usage }
  })
  .extend(
    'setQuota',
    { scope: 'file' },
    ({ as, administrator }) =>
      (workspaceId: string, body: object) =>
        as(administrator, `/api/admin/workspaces/${workspaceId}/quota`, { method: 'PUT', body }),
  )

/** An update with so much text. */
function textOf(bytes: number): Uint8Array {
  const doc = new Doc()
  doc.getText('text').insert(0, 'x'.repeat(bytes))
  return encodeStateAsUpdate(doc)
}

test('a workspace with a quota of its own counts by that alone, and not for its owner', async ({
  as,
  newTeam,
  person,
  setQuota,
}) => {
  const owner = await person('owner-of-two')
  const [large, other] = [await newTeam(owner), await newTeam(owner)]
  await large.newBoard()
  await large.newBoard()
  expect((await large.newBoard()).body).toMatchObject({ code: 'quota_exceeded' })

  const answer = await setQuota(large.id, { maxBoards: 4, reason: 'they pay' })
  expect(answer).toMatchObject({ status: 200, body: { boards: { used: 2, limit: 4 } } })
  // One more than the owner might have in all.
  expect([(await large.newBoard()).status, (await large.newBoard()).status]).toEqual([201, 201])
  expect((await large.newBoard()).body).toMatchObject({
    code: 'quota_exceeded',
    details: { scope: 'workspace', quota: 'boards', limit: 4 },
  })
  expect(await large.usage()).toMatchObject({
    boards: { used: 4, limit: 4 },
    storageBytes: { limit: 64 * KIBIBYTE },
  })
  expect((await as(owner, '/api/usage')).body.boards).toEqual({ used: 0, limit: 3 })
  expect([(await other.newBoard()).status, (await other.newBoard()).status]).toEqual([201, 201])

  expect((await setQuota(large.id, { maxBoards: 0 })).body.boards).toEqual({ used: 4, limit: null })
  expect((await large.newBoard()).status).toBe(201)
  expect((await setQuota(large.id, { maxBoards: null })).body.boards.limit).toBe(2)
  expect((await large.newBoard()).status).toBe(409)
  expect((await as(owner, '/api/usage')).body.boards).toEqual({ used: 7, limit: 3 })
})

test('a quota is lower where that is wanted, and what is there stays', async ({
  administrator,
  as,
  newTeam,
  person,
  setQuota,
}) => {
  const team = await newTeam(await person('owner-of-one'))
  await team.newBoard()
  await setQuota(team.id, { maxBoards: 1, reason: 'spam' })
  expect((await team.newBoard()).status).toBe(409)
  expect((await team.usage()).boards).toEqual({ used: 1, limit: 1 })
  const path = `/api/admin/workspaces/${team.id}/quota`
  expect((await as(administrator, path)).body).toEqual(await team.usage())
  const { body } = await as(administrator, '/api/admin/audit?limit=1')
  expect(body.items).toMatchObject([
    {
      ...{ action: 'workspace.set_quota', targetId: team.id, reason: 'spam' },
      changes: { maxBoards: 1, maxStorageBytes: null, maxAssetBytes: null },
    },
  ])
  expect((await setQuota(team.id, { maxBoards: -1 })).status).toBe(400)
  expect((await setQuota(crypto.randomUUID(), {})).status).toBe(404)
  const nothing = `/api/admin/workspaces/${crypto.randomUUID()}/quota`
  expect((await as(administrator, nothing)).status).toBe(404)
})

test('STORE-15: edits are rejected and accepted by the quota of the workspace, on every gateway', {
  timeout: 3 * LEARNED_WITHIN_MS,
}, async ({ as, person, setQuota, stack, whiteboard }) => {
  const drawer = await person('drawer')
  const boardId = await createBoard(stack.apiUrl, drawer.accessToken)
  const { workspaceId } = (await as(drawer, `/api/boards/${boardId}`)).body
  const clients = await Promise.all([0, 1].map((at) => whiteboard(at, drawer, boardId)))
  const answerTo = (client: (typeof clients)[number]) => {
    const answered = client.messages.length
    client.socket.send(encodeUpdate(textOf(100)))
    return eventually('an answer', () => {
      const later = client.messages.slice(answered)
      return later.find(({ type }) => type === 'sync:rejected' || type === 'sync:ack')
    })
  }
  const everywhere = async (rejected: boolean) => {
    for (const client of clients) {
      await eventually(
        `edits are ${rejected ? 'rejected' : 'accepted'}`,
        async () => ((await answerTo(client)).type === 'sync:rejected') === rejected,
        LEARNED_WITHIN_MS,
      )
    }
  }

  await everywhere(false)
  await setQuota(workspaceId, { maxStorageBytes: 50 })
  await everywhere(true)
  await setQuota(workspaceId, { maxStorageBytes: 1024 * KIBIBYTE })
  await everywhere(false)
})

test('the command line shows and sets quotas', async ({ newTeam, person, stack }) => {
  const team = await newTeam(await person('owner-by-cli'))
  const admin = async (...args: string[]) => {
    const environment = { DATABASE_URL: stack.database.url, LOG_LEVEL: 'warn' }
    const process = startProcess('apps/api/dist/admin.js', environment, { args })
    return { code: await process.exitCode(), text: process.output() }
  }
  const set = await admin('set-quota', team.id, '--boards', '7', '--storage-bytes', '0')
  expect(set.code).toBe(0)
  expect(JSON.parse(set.text)).toMatchObject({
    boards: { used: 0, limit: 7 },
    storageBytes: { limit: null },
  })
  expect(JSON.parse((await admin('quota', team.id)).text).boards.limit).toBe(7)
  expect((await team.usage()).boards.limit).toBe(7)
  expect(await admin('set-quota', team.id, '--boards', 'many')).toMatchObject({ code: 1 })
})
