import { type DatabasePools, openDatabase } from '@mindfuse/api'
import {
  BOARD_ROLES,
  type BoardRole,
  WORKSPACE_ROLES,
  type WorkspaceRole,
} from '@mindfuse/protocol'
import { type Answer, callApi, type SignedIn } from '@mindfuse/testing'
import fc from 'fast-check'
import { afterAll, expect } from 'vitest'
import { memberRole } from '../../apps/api/src/boards/policy.ts'
import { test } from '../support/fixtures.ts'
import { offerAndAccept } from '../support/people.ts'
import type { Stack } from '../support/stack.ts'

/** `MEMBERSHIP_RUNS=300 npx vitest run test/api/membership-properties.test.ts` looks harder. */
const RUNS = Number(process.env.MEMBERSHIP_RUNS ?? 4)
const COMMANDS_PER_RUN = 25

const NAMES = ['ada', 'alan', 'grace', 'edsger']
const WORKSPACES = 2
const BOARDS_PER_WORKSPACE = 2

let stack: Stack
let people: SignedIn[]
/** For what is read after each step. */
let pool: DatabasePools
test.beforeAll(async ({ stack: started, person: signIn }) => {
  stack = started
  people = await Promise.all(NAMES.map(signIn))
  pool = openDatabase({ url: stack.database.url, poolSize: 1, onError: () => undefined })
})
afterAll(() => pool.close())

const person = (index: number) => people[index] as SignedIn

const call = (by: number, method: string, path: string, body?: unknown): Promise<Answer> =>
  callApi(`${stack.apiUrl}/api${path}`, { token: person(by).accessToken, method, body })

/** What one run works on. */
interface World {
  workspaceIds: string[]
  boardIds: string[]
  /** Tokens of all invites that were made. */
  links: string[]
}

/** Workspaces of the first person's, with the second as admin, the third as member. */
async function createWorld(): Promise<World> {
  const create = async (path: string): Promise<string> =>
    (await call(0, 'POST', path, { name: 'Name' })).body.id
  const join = (workspaceId: string, whom: number, role: WorkspaceRole) =>
    offerAndAccept(stack, workspaceId, { by: person(0), whom: person(whom), role })

  const workspaceIds = await Promise.all(
    Array.from({ length: WORKSPACES }, () => create('/workspaces')),
  )
  await Promise.all(workspaceIds.flatMap((id) => [join(id, 1, 'admin'), join(id, 2, 'member')]))
  const boardIds = await Promise.all(
    workspaceIds.flatMap((id) =>
      Array.from({ length: BOARDS_PER_WORKSPACE }, () => create(`/workspaces/${id}/boards`)),
    ),
  )
  return { workspaceIds, boardIds, links: [] }
}

/** One call by somebody; what it is made on is picked by index. */
interface Command {
  by: number
  whom: number
  workspace: number
  board: number
  link: number
  workspaceRole: WorkspaceRole
  boardRole: BoardRole
  kind: Kind
}

const DO = {
  addMember: ({ by, whom, workspaceRole }, { workspaceId }) =>
    call(by, 'POST', `/workspaces/${workspaceId}/members`, {
      email: person(whom).user.email,
      role: workspaceRole,
    }),
  async answer({ by, link }) {
    const { items } = (await call(by, 'GET', '/memberships')).body
    const { id = crypto.randomUUID() } = items[link % items.length] ?? {}
    return call(by, 'POST', `/memberships/${id}/${link % 3 === 0 ? 'decline' : 'accept'}`)
  },
  async withdraw({ by, link }, { workspaceId }) {
    const { items = [] } = (await call(by, 'GET', `/workspaces/${workspaceId}/memberships`)).body
    const { id = crypto.randomUUID() } = items[link % items.length] ?? {}
    return call(by, 'DELETE', `/workspaces/${workspaceId}/memberships/${id}`)
  },
  changeMember: ({ by, whom, workspaceRole }, { workspaceId }) =>
    call(by, 'PATCH', `/workspaces/${workspaceId}/members/${person(whom).user.id}`, {
      role: workspaceRole,
    }),
  removeMember: ({ by, whom }, { workspaceId }) =>
    call(by, 'DELETE', `/workspaces/${workspaceId}/members/${person(whom).user.id}`),
  leave: ({ by }, { workspaceId }) =>
    call(by, 'DELETE', `/workspaces/${workspaceId}/members/${person(by).user.id}`),
  transfer: ({ by, whom }, { workspaceId }) =>
    call(by, 'POST', `/workspaces/${workspaceId}/transfer`, { userId: person(whom).user.id }),
  deleteWorkspace: ({ by }, { workspaceId }) => call(by, 'DELETE', `/workspaces/${workspaceId}`),
  putBoardMember: ({ by, whom, boardRole }, { boardId }) =>
    call(by, 'PUT', `/boards/${boardId}/members/${person(whom).user.id}`, { role: boardRole }),
  removeBoardMember: ({ by, whom }, { boardId }) =>
    call(by, 'DELETE', `/boards/${boardId}/members/${person(whom).user.id}`),
  async invite({ by, boardRole }, { boardId, links }) {
    const answer = await call(by, 'POST', `/boards/${boardId}/invite`, { role: boardRole })
    if (answer.status === 201) links.push(answer.body.token)
    return answer
  },
  accept: ({ by, link }, { links }) =>
    call(by, 'POST', `/invites/${links[link % links.length] ?? 'none'}/accept`),
  trash: ({ by }, { boardId }) => call(by, 'DELETE', `/boards/${boardId}`),
  restore: ({ by }, { boardId }) => call(by, 'POST', `/boards/${boardId}/restore`),
  async deletePermanently({ by }, { boardId }) {
    await call(by, 'DELETE', `/boards/${boardId}`)
    return call(by, 'DELETE', `/boards/${boardId}/permanently`)
  },
} satisfies Record<
  string,
  (
    command: Omit<Command, 'kind'>,
    on: { workspaceId: string; boardId: string; links: string[] },
  ) => Promise<Answer>
>
type Kind = keyof typeof DO
const KINDS = Object.keys(DO) as Kind[]

/** What leaves nothing to work on is rare. */
const RARE: Kind[] = ['deleteWorkspace', 'deletePermanently', 'trash']

const index = (length: number) => fc.nat({ max: length - 1 })

const commandArbitrary: fc.Arbitrary<Command> = fc.record({
  // The first person owns everything at first, so that not most of it is refused.
  by: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, index(NAMES.length)),
  whom: index(NAMES.length),
  workspace: index(WORKSPACES),
  board: index(WORKSPACES * BOARDS_PER_WORKSPACE),
  link: fc.nat(),
  workspaceRole: fc.constantFrom(...WORKSPACE_ROLES),
  boardRole: fc.constantFrom(...BOARD_ROLES),
  kind: fc.oneof(
    ...KINDS.map((kind) => ({
      arbitrary: fc.constant(kind),
      weight: RARE.includes(kind) ? 1 : 3,
    })),
  ),
})

/** How many commands were not refused. */
let changes = 0

async function run(world: World, command: Command): Promise<void> {
  const { status, body } = await DO[command.kind](command, {
    workspaceId: world.workspaceIds[command.workspace] as string,
    boardId: world.boardIds[command.board] as string,
    links: world.links,
  })
  expect(status, JSON.stringify({ command, body })).toBeLessThan(500)
  if (status < 300) changes++
}

/** A board's access version, and everybody's role on it as the rows have it. */
interface BoardAccess {
  version: number
  roles: Record<string, BoardRole | null>
}

async function readAccess({ workspaceIds }: World): Promise<Map<string, BoardAccess>> {
  const rows = await pool.db
    .selectFrom('boards')
    .innerJoin('workspaces', 'workspaces.id', 'boards.workspace_id')
    .crossJoin('users')
    .leftJoin('workspace_members', (join) =>
      join
        .onRef('workspace_members.workspace_id', '=', 'workspaces.id')
        .onRef('workspace_members.user_id', '=', 'users.id'),
    )
    .leftJoin('board_members', (join) =>
      join
        .onRef('board_members.board_id', '=', 'boards.id')
        .onRef('board_members.user_id', '=', 'users.id'),
    )
    .select([
      'boards.id as boardId',
      'boards.access_version as version',
      'boards.deleted_at as trashedAt',
      'workspaces.deleted_at as workspaceDeletedAt',
      'users.id as userId',
      'workspace_members.role as workspaceRole',
      'board_members.role as boardRole',
    ])
    .where('workspaces.id', 'in', workspaceIds)
    .execute()
  const boards = new Map<string, BoardAccess>()
  for (const row of rows) {
    const board = boards.get(row.boardId) ?? { version: row.version, roles: {} }
    boards.set(row.boardId, board)
    const isGone = row.trashedAt ?? row.workspaceDeletedAt
    board.roles[row.userId] = isGone ? null : memberRole(row)
  }
  return boards
}

async function requireVersionsToTell(before: Map<string, BoardAccess>, world: World) {
  const after = await readAccess(world)
  for (const [boardId, then] of before) {
    const now = after.get(boardId)
    if (!now) continue
    const hasChanged = Object.entries(now.roles).some(([id, role]) => role !== then.roles[id])
    expect(now.version).toBeGreaterThanOrEqual(then.version + (hasChanged ? 1 : 0))
  }
  return after
}

async function requireOwners(): Promise<void> {
  const withoutOwner = await stack.database.query(
    `SELECT id, owner_id FROM workspaces
     WHERE deleted_at IS NULL AND NOT EXISTS (
       SELECT FROM workspace_members
       WHERE workspace_id = workspaces.id AND user_id = owner_id AND role = 'owner'
     )`,
  )
  expect(withoutOwner).toEqual([])
}

async function requireAnswersToFit(access: Map<string, BoardAccess>): Promise<void> {
  const headers = { authorization: `Internal-Secret ${stack.internalSecret}` }
  const check = async (boardId: string, userId: string, role: BoardRole | null) => {
    const path = `/internal/boards/${boardId}/permission?userId=${userId}`
    const { body } = await callApi(`${stack.apiUrl}${path}`, { headers })
    expect(body.role, `${userId} on ${boardId}`).toBe(role)
  }
  const checks = [...access].flatMap(([boardId, { roles }]) =>
    Object.entries(roles).map(([userId, role]) => check(boardId, userId, role)),
  )
  await Promise.all(checks)
}

test('whatever people do to memberships, one after another or several at once, workspaces keep owners, answers follow the rows, and versions tell of each change', async () => {
  const commands = fc.array(commandArbitrary, {
    minLength: COMMANDS_PER_RUN,
    maxLength: COMMANDS_PER_RUN,
  })
  await fc.assert(
    fc.asyncProperty(commands, fc.constantFrom(1, 5), async (commands, atOnce) => {
      const world = await createWorld()
      let access = await readAccess(world)
      for (let i = 0; i < commands.length; i += atOnce) {
        const batch = commands.slice(i, i + atOnce)
        await Promise.all(batch.map((command) => run(world, command)))
        access = await requireVersionsToTell(access, world)
      }
      await requireOwners()
      await requireAnswersToFit(access)
    }),
    // Shrinking would outlast the test, and its seed is all that a failure needs.
    { numRuns: RUNS, endOnFailure: true },
  )
  // Else too little was tried that could go wrong.
  expect(changes).toBeGreaterThan(RUNS)
}, 180_000)
