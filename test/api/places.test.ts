import {
  type AccessChanges,
  type AuthorizationsReply,
  LOBBY,
  type Place,
  type SessionAuthorization,
  workspacePlace,
} from '@mindfuse/internal'
import { hashSessionToken } from '@mindfuse/service-kit'
import { callApi, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { createLink, openAsGuest } from '../support/guests.ts'
import { offerAndAccept } from '../support/people.ts'
import type { Stack } from '../support/stack.ts'
import { test as base } from '../support/team.ts'

const KNOWN_ROLES = ['owner', 'editor', 'commenter', 'viewer']

/** What a gateway asks the API. */
function createGateway({ apiUrl, internalSecret, database }: Stack) {
  const post = (path: string, body: object) =>
    callApi(`${apiUrl}/internal/${path}`, {
      headers: { authorization: `Internal-Secret ${internalSecret}` },
      body,
    })
  return {
    post,
    /** What somebody may do at places. */
    async ask(
      { user }: Pick<SignedIn, 'user'>,
      ...places: Place[]
    ): Promise<AuthorizationsReply['results']> {
      const [session] = await database.query(
        'SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC',
        [user.id],
      )
      const sessionId = session?.id ?? crypto.randomUUID()
      const connections = places.map((boardId) => ({ boardId, userId: user.id, sessionId }))
      const body = { connections, knownRoles: KNOWN_ROLES }
      return (await post('authorizations', body)).body.results
    },
    /** The same of a key. */
    async askWithKey(key: string, ...places: Place[]): Promise<SessionAuthorization[]> {
      const hash = hashSessionToken(key)
      const connections = places.map((boardId) => ({ boardId, cookies: [], key: hash }))
      return (await post('session-authorizations', { connections })).body.results
    },
    async changesSince(after?: number): Promise<AccessChanges> {
      const known = after === undefined ? {} : { after }
      const gateway = { gatewayId: crypto.randomUUID(), vouchMs: 0 }
      return (await post('access-changes', { ...gateway, ...known })).body
    },
  }
}

const test = base
  .extend('gateway', ({ stack }) => createGateway(stack))
  .extend('place', ({ team }) => workspacePlace(team))

const NOTHING = { role: null, canBroadcast: false }

test('members of a workspace have a role in it, others none', async ({
  gateway,
  place,
  owner,
  admin,
  member,
  stranger,
}) => {
  expect(await gateway.ask(owner, place)).toMatchObject([{ role: 'owner', canBroadcast: true }])
  expect(await gateway.ask(admin, place)).toMatchObject([{ role: 'owner', canBroadcast: true }])
  const [mine] = await gateway.ask(member, place)
  expect(mine).toEqual({
    userName: member.user.name,
    role: 'editor',
    version: expect.any(Number),
    canBroadcast: true,
    boardExists: true,
    sessionLives: true,
    asOf: expect.any(Number),
  })
  expect(await gateway.ask(stranger, place)).toMatchObject([{ ...NOTHING, boardExists: true }])
  expect(await gateway.ask(member, workspacePlace(crypto.randomUUID()))).toMatchObject([
    { ...NOTHING, version: 0, boardExists: false },
  ])
})

test('the id of a board is no workspace, and that of a workspace no board', async ({
  gateway,
  team,
  owner,
  createBoard,
}) => {
  const boardId = await createBoard()
  const [asWorkspace, asBoard, board] = await gateway.ask(
    owner,
    workspacePlace(boardId),
    team,
    boardId,
  )
  for (const answer of [asWorkspace, asBoard]) {
    expect(answer).toMatchObject({ ...NOTHING, boardExists: false })
  }
  expect(board).toMatchObject({ role: 'owner', boardExists: true })
})

test('whoever has a session may be in the lobby, as a viewer', async ({ gateway, stranger }) => {
  const inLobby = { role: 'viewer', version: 0, canBroadcast: false, boardExists: true }
  expect(await gateway.ask(stranger, LOBBY)).toMatchObject([{ ...inLobby, sessionLives: true }])
  const nobody = { user: { ...stranger.user, id: crypto.randomUUID() } }
  expect(await gateway.ask(nobody, LOBBY)).toMatchObject([{ sessionLives: false }])
})

test('a guest of a board is in no workspace', async ({
  gateway,
  stack,
  owner,
  createBoard,
  place,
}) => {
  const boardId = await createBoard()
  const { token } = await createLink(stack, boardId, owner)
  const guest = await openAsGuest(stack, token, 'Gus')
  const [board, workspace, lobby] = await gateway.ask(guest, boardId, place, LOBBY)
  expect(board).toMatchObject({ role: 'editor' })
  expect(workspace).toMatchObject(NOTHING)
  expect(lobby).toMatchObject({ role: 'viewer', sessionLives: true })
})

test('a key is in its workspace as its scopes say, and one for some boards is not', async ({
  gateway,
  inTeam,
  owner,
  place,
  createBoard,
}) => {
  const boardId = await createBoard()
  const ask = async (key: { scopes: string[]; boardIds?: string[] }, ...places: Place[]) => {
    const { body } = await inTeam(owner, '/keys', { body: { name: 'Bot', ...key } })
    return gateway.askWithKey(body.key, ...places)
  }
  expect(await ask({ scopes: ['boards:write'] }, place, LOBBY)).toMatchObject([
    { role: 'editor', canBroadcast: true },
    { role: 'viewer', canBroadcast: false },
  ])
  expect(await ask({ scopes: ['boards:read'] }, place)).toMatchObject([
    { role: 'viewer', canBroadcast: false },
  ])
  const someBoards = { scopes: ['boards:write'], boardIds: [boardId] }
  expect(await ask(someBoards, place, boardId)).toMatchObject([NOTHING, { role: 'editor' }])
})

test('a change of membership raises the version of the workspace, and tells gateways', async ({
  gateway,
  place,
  team,
  stack,
  owner,
  member,
  stranger,
  change,
  remove,
}) => {
  let { upTo } = await gateway.changesSince()
  let [{ version } = { version: 0 }] = await gateway.ask(owner, place)
  const steps: [() => Promise<{ status: number }>, SignedIn, string | null][] = [
    [() => offerAndAccept(stack, team, { by: owner, whom: stranger }), stranger, 'editor'],
    [() => change(owner, member, 'admin'), member, 'owner'],
    [() => remove(owner, member), member, null],
  ]
  for (const [step, who, role] of steps) {
    expect((await step()).status).toBeLessThan(300)
    const [after] = await gateway.ask(who, place)
    expect(after).toMatchObject({ role, version: version + 1 })
    const changes = await gateway.changesSince(upTo)
    expect(changes.access).toContainEqual({ boardId: place, version: version + 1 })
    ;({ upTo } = changes)
    version++
  }
})

test('a workspace that is deleted has no place any longer, and gateways are told', async ({
  gateway,
  place,
  inTeam,
  owner,
}) => {
  const { upTo } = await gateway.changesSince()
  const [before] = await gateway.ask(owner, place)
  expect((await inTeam(owner, '', { method: 'DELETE' })).status).toBe(204)
  const [after] = await gateway.ask(owner, place)
  expect(after).toMatchObject({ ...NOTHING, boardExists: false })
  expect(after?.version).toBeGreaterThan(before?.version ?? 0)
  expect((await gateway.changesSince(upTo)).access).toContainEqual({
    boardId: place,
    version: after?.version,
  })
})

test('a previous release finds boards alone among what an event changed access to', async ({
  stack,
  team,
  owner,
  member,
  createBoard,
  change,
  place,
}) => {
  const boardId = await createBoard()
  await change(owner, member, 'admin')
  const [event] = await stack.database.query(
    `SELECT data FROM events WHERE workspace_id = $1 AND type = 'workspace.member_updated'`,
    [team],
  )
  expect(event.data.access).toEqual([{ boardId, version: expect.any(Number) }])
  expect(event.data.places).toEqual([{ boardId: place, version: expect.any(Number) }])
})

test.for(['', 'workspace:', 'user:1', 'workspace:lobby', 'LOBBY', 'board:1'])(
  '%j is no place',
  async (boardId, { gateway }) => {
    const ids = { userId: crypto.randomUUID(), sessionId: crypto.randomUUID() }
    const { status } = await gateway.post('authorizations', { connections: [{ boardId, ...ids }] })
    expect(status).toBe(400)
  },
)
