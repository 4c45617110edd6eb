import type { WorkspaceRole } from '@mindfuse/protocol'
import type { SignedIn } from '@mindfuse/testing'
import { test as base } from './fixtures.ts'
import { joinWorkspace } from './people.ts'
import { recordedOf } from './recorded.ts'

/** A team workspace with an owner, an admin and a member, and people who are not in it. */
export const test = base
  .extend('owner', { scope: 'file' }, ({ person }) => person('olga'))
  .extend('admin', { scope: 'file' }, ({ person }) => person('adam'))
  .extend('member', { scope: 'file' }, ({ person }) => person('mia'))
  .extend('guest', { scope: 'file' }, ({ person }) => person('guido'))
  .extend('stranger', { scope: 'file' }, ({ person }) => person('stan'))
  .extend('people', { scope: 'file' }, ({ owner, admin, member, guest, stranger }) => ({
    owner,
    admin,
    member,
    guest,
    stranger,
  }))
  .extend('team', { auto: true }, async ({ as, stack, owner, admin, member }) => {
    const { id } = (await as(owner, '/api/workspaces', { body: { name: 'Team' } })).body
    await joinWorkspace(stack, id, admin, 'admin')
    await joinWorkspace(stack, id, member, 'member')
    return id as string
  })
  .extend(
    'inTeam',
    ({ as, team }) =>
      (who: SignedIn, path: string, call: Call = {}) =>
        as(who, `/api/workspaces/${team}${path}`, call),
  )
  .extend(
    'add',
    ({ inTeam }) =>
      (who: SignedIn, body: unknown, headers: Record<string, string> = {}) =>
        inTeam(who, '/members', { body, headers }),
  )
  /** The one membership that is offered to a person in this team. */
  .extend('offeredTo', ({ as, team }) => async (who: SignedIn) => {
    const { items } = (await as(who, '/api/memberships?limit=100')).body
    return items.find(({ workspaceId }: { workspaceId: string }) => workspaceId === team)
  })
  .extend(
    'answer',
    ({ as }) =>
      (who: SignedIn, membershipId: string, answer: 'accept' | 'decline') =>
        as(who, `/api/memberships/${membershipId}/${answer}`, { method: 'POST' }),
  )
  .extend(
    'change',
    ({ inTeam }) =>
      (who: SignedIn, target: SignedIn, role: string) =>
        inTeam(who, `/members/${target.user.id}`, { method: 'PATCH', body: { role } }),
  )
  .extend(
    'remove',
    ({ inTeam }) =>
      (who: SignedIn, target: SignedIn) =>
        inTeam(who, `/members/${target.user.id}`, { method: 'DELETE' }),
  )
  .extend(
    'transfer',
    ({ inTeam }) =>
      (who: SignedIn, target: SignedIn) =>
        inTeam(who, '/transfer', { body: { userId: target.user.id } }),
  )
  .extend(
    'join',
    ({ stack, team }) =>
      (who: SignedIn, role: WorkspaceRole) =>
        joinWorkspace(stack, team, who, role),
  )
  .extend('roles', ({ stack, team }) => async (): Promise<Record<string, string>> => {
    const rows = await stack.database.query(
      `SELECT split_part(email, '@', 1) AS name, role FROM workspace_members
     JOIN users ON users.id = user_id WHERE workspace_id = $1`,
      [team],
    )
    return Object.fromEntries(rows.map(({ name, role }) => [name, role]))
  })
  .extend('ownerId', ({ stack, team }) => async (): Promise<string> => {
    const [row] = await stack.database.query('SELECT owner_id FROM workspaces WHERE id = $1', [
      team,
    ])
    return row.owner_id
  })
  .extend('createBoard', ({ team, as, owner }) => async (workspaceId = team): Promise<string> => {
    const path = `/api/workspaces/${workspaceId}/boards`
    return (await as(owner, path, { body: { name: 'Board' } })).body.id
  })
  .extend('accessVersion', ({ stack }) => async (boardId: string): Promise<number> => {
    const [row] = await stack.database.query(
      'SELECT access_version::int AS version FROM boards WHERE id = $1',
      [boardId],
    )
    return row.version
  })
  /** What the audit and the outbox hold of the team, apart from what was created. */
  .extend(
    'recorded',
    ({ stack, team }) =>
      () =>
        recordedOf(stack, team),
  )

interface Call {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}
