import { startIdentityProvider } from '@mindfuse/embedded'
import { resolvePort } from '@mindfuse/service-kit'
import {
  callApi,
  createTestDatabase,
  eventually,
  type RedisServer,
  type SignedIn,
  signIn,
  startRedis,
  type TestDatabase,
} from '@mindfuse/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createListReader, type ListReader } from '../support/list-reader.ts'
import { offerAndAccept } from '../support/people.ts'
import { type ServiceProcess, startProcess } from '../support/process.ts'

/** `EVENT_RUNS=50 npx vitest run test/api/events-properties.test.ts` looks harder. */
const RUNS = Number(process.env.EVENT_RUNS ?? 1)
const STEPS_PER_RUN = 60
const HOST = '127.0.0.1'

/** How long lists may take to be right once everything works, milliseconds. */
const SETTLED_WITHIN_MS = 15_000

const PEOPLE = ['owner', 'member', 'leaver', 'guest'] as const
type Person = (typeof PEOPLE)[number]

/** The API that is killed now and then, and the one that is not. */
const KILLED = 0
const STEADY = 1

const writeArbitrary = fc.record({
  kind: fc.constantFrom(
    ...(['create', 'create', 'rename', 'rename', 'trash', 'restore', 'purge'] as const),
    ...(['share', 'unshare', 'join', 'leave', 'promote'] as const),
  ),
  board: fc.nat(),
  api: fc.constantFrom(KILLED, STEADY),
})
/** A writer beside the API's: it commits late or never, and dies before it could publish. */
const transactionArbitrary = fc.record({
  kind: fc.constantFrom('commit' as const, 'rollback' as const),
  board: fc.nat(),
  holdMs: fc.integer({ min: 0, max: 300 }),
})
const readerArbitrary = fc.record({
  kind: fc.constantFrom(...(['subscribe', 'drop', 'drop', 'resume', 'resume'] as const)),
  who: fc.constantFrom(...PEOPLE),
  reader: fc.nat(),
  api: fc.constantFrom(KILLED, STEADY),
})
const faultArbitrary = fc.record({ kind: fc.constantFrom('kill' as const, 'redis' as const) })
const stepArbitrary = fc.record({
  pauseMs: fc.integer({ min: 0, max: 60 }),
  what: fc.oneof(
    { weight: 10, arbitrary: writeArbitrary },
    { weight: 3, arbitrary: transactionArbitrary },
    { weight: 8, arbitrary: readerArbitrary },
    { weight: 1, arbitrary: faultArbitrary },
  ),
})
type Step = typeof stepArbitrary extends fc.Arbitrary<infer Value> ? Value : never

let database: TestDatabase
let identityProvider: Awaited<ReturnType<typeof startIdentityProvider>>
let redisPort: number
let redis: RedisServer
const apis: { service: ServiceProcess; url: string }[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('templateUrl'))
  identityProvider = await startIdentityProvider({ port: await resolvePort(0, HOST) })
  redisPort = await resolvePort(0, HOST)
  redis = await startRedis({ port: redisPort })
  apis[KILLED] = await startApi(await resolvePort(0, HOST))
  apis[STEADY] = await startApi(await resolvePort(0, HOST))
})
afterAll(async () => {
  await Promise.all(apis.map(({ service }) => service.stop('SIGKILL')))
  await redis.stop()
  await identityProvider.stop()
  await database.drop()
})

async function startApi(port: number): Promise<{ service: ServiceProcess; url: string }> {
  const service = startProcess('apps/api/dist/main.js', {
    API_HOST: HOST,
    API_PORT: `${port}`,
    PUBLIC_API_URL: `http://${HOST}:${port}`,
    DATABASE_URL: database.url,
    REDIS_URL: `redis://${HOST}:${redisPort}`,
    INTERNAL_SECRET: 'x'.repeat(16),
    OIDC_ISSUER: identityProvider.issuer,
    GOOGLE_CLIENT_ID: 'test',
    GOOGLE_CLIENT_SECRET: 'test',
    MIGRATE: '0',
    RATE_LIMIT_FACTOR: '1000',
    LOG_LEVEL: 'info',
  })
  await service.untilPrinted(/"msg":"api ready"/)
  return { service, url: `http://${HOST}:${port}` }
}

const apiUrl = (index: number): string => apis[index]?.url ?? ''

/** One run: people, their workspace, and readers of their lists. */
interface World {
  people: Record<Person, SignedIn>
  workspaceId: string
  boards: string[]
  readers: { who: Person; reader: ListReader }[]
  /** Faults under way: each waits for the one before. */
  faults: Promise<unknown>
}

async function createWorld(run: number): Promise<World> {
  const url = apiUrl(STEADY)
  const people = {} as Record<Person, SignedIn>
  for (const name of PEOPLE) people[name] = await signIn(url, `${name}-${run}@example.com`)
  const { body } = await callApi(`${url}/api/workspaces`, {
    token: people.owner.accessToken,
    body: { name: `Run ${run}` },
  })
  const world: World = {
    people,
    workspaceId: body.id,
    boards: [],
    readers: [],
    faults: Promise.resolve(),
  }
  await offerAndAccept({ apiUrl: url }, body.id, { by: people.owner, whom: people.member })
  for (const name of ['A', 'B', 'C']) await write(world, 'create', name, STEADY)
  // One of each is there from the beginning.
  for (const who of PEOPLE) await subscribe(world, who, STEADY)
  return world
}

async function subscribe(world: World, who: Person, api: number): Promise<void> {
  const reader = createListReader(world.people[who].accessToken)
  world.readers.push({ who, reader })
  await reader.open(apiUrl(api))
}

let names = 0

/** Asks the API for something; that it is refused, or that the API dies of it, is part of the game. */
async function write(world: World, kind: string, board: string, api: number): Promise<void> {
  const { workspaceId, people } = world
  const workspace = `/api/workspaces/${workspaceId}`
  const leaver = people.leaver.user
  const boardPath = `/api/boards/${board}`
  const name = `${kind} ${++names}`
  const requests: Record<string, [method: string, path: string, body?: unknown]> = {
    create: ['POST', `${workspace}/boards`, { name }],
    rename: ['PATCH', boardPath, { name }],
    trash: ['DELETE', boardPath],
    restore: ['POST', `${boardPath}/restore`],
    purge: ['DELETE', `${boardPath}/permanently`],
    unshare: ['DELETE', `${boardPath}/members/${people.guest.user.id}`],
    leave: ['DELETE', `${workspace}/members/${leaver.id}`],
    promote: ['PATCH', `${workspace}/members/${leaver.id}`, { role: 'admin' }],
  }
  const call = async (token: string, method: string, path: string, body?: unknown) => {
    try {
      return await callApi(`${apiUrl(api)}${path}`, { token, method, body })
    } catch {
      // It was killed: what it had committed counts, and nobody knows what that is.
      return undefined
    }
  }
  const { accessToken } = people.owner
  if (kind === 'share') {
    const invite = await call(accessToken, 'POST', `${boardPath}/invite`, { role: 'viewer' })
    const token = invite?.body.token
    if (token) await call(people.guest.accessToken, 'POST', `/api/invites/${token}/accept`)
    return
  }
  if (kind === 'join') {
    const offer = await call(accessToken, 'POST', `${workspace}/members`, { email: leaver.email })
    const id = offer?.body.id
    if (id) await call(people.member.accessToken, 'POST', `/api/memberships/${id}/accept`)
    return
  }
  const [method, path, body] = requests[kind] ?? []
  if (!method || !path) throw new Error(`nobody can ${kind}`)
  const answer = await call(accessToken, method, path, body)
  if (kind === 'create' && answer?.status === 201) world.boards.push(answer.body.id)
}

/** A transaction of somebody who dies after it: nobody publishes it but the sweep. */
async function transact(world: World, board: string, how: 'commit' | 'rollback', holdMs: number) {
  await database.query(`
    BEGIN;
    UPDATE boards SET name = 'late ${++names}', version = version + 1, updated_at = now()
      WHERE id = '${board}';
    INSERT INTO events (type, workspace_id, board_id, data) VALUES
      ('board.updated', '${world.workspaceId}', '${board}', '{"access":[],"sessions":[]}');
    SELECT pg_sleep(${holdMs / 1_000});
    ${how};`)
}

async function kill(): Promise<void> {
  const { service, url } = apis[KILLED] as (typeof apis)[number]
  await service.stop('SIGKILL')
  apis[KILLED] = await startApi(Number(new URL(url).port))
}

async function restartRedis(): Promise<void> {
  await redis.stop()
  redis = await startRedis({ port: redisPort })
}

/** Begins a step, whose work may still be going on when the next one begins. */
async function begin(world: World, { what }: Step): Promise<void> {
  const pick = <Item>(items: readonly Item[], index: number): Item =>
    items[index % items.length] as Item
  switch (what.kind) {
    case 'commit':
    case 'rollback':
      return transact(world, pick(world.boards, what.board), what.kind, what.holdMs)
    case 'subscribe':
      if (world.readers.length < 16) await subscribe(world, what.who, what.api)
      return
    case 'drop':
      pick(world.readers, what.reader).reader.close()
      return
    case 'resume': {
      const closed = world.readers.filter(({ reader }) => !reader.isOpen)
      if (closed.length > 0) await pick(closed, what.reader).reader.open(apiUrl(what.api))
      return
    }
    case 'kill':
    case 'redis': {
      const fault = what.kind === 'kill' ? kill : restartRedis
      world.faults = world.faults.then(fault)
      await world.faults
      return
    }
    default:
      return write(world, what.kind, pick(world.boards, what.board), what.api)
  }
}

/** The boards that somebody sees, by the list route and, for those shared with them, one by one. */
async function listOf({ people, workspaceId }: World, who: Person): Promise<Map<string, unknown>> {
  const { accessToken: token, user } = people[who]
  const get = async (path: string) => (await callApi(`${apiUrl(STEADY)}${path}`, { token })).body
  const list = await get(`/api/workspaces/${workspaceId}/boards?limit=100`)
  expect(list.nextCursor ?? null).toBeNull()
  const boards = new Map<string, unknown>((list.items ?? []).map((item: any) => [item.id, item]))
  const shared = await database.query('SELECT board_id FROM board_members WHERE user_id = $1', [
    user.id,
  ])
  for (const { board_id } of shared) {
    const board = await get(`/api/boards/${board_id}`)
    if (board.id) boards.set(board.id, board)
  }
  return boards
}

const sorted = (boards: Map<string, unknown> | undefined) =>
  boards && [...boards].sort(([a], [b]) => a.localeCompare(b))

/** The numbers of the changes of the workspace's boards, which its members are all told. */
async function changesAfter({ workspaceId }: World, seq: number): Promise<number[]> {
  const rows = await database.query(
    `SELECT seq::int FROM events WHERE workspace_id = $1 AND seq > $2 AND type IN
     ('board.created', 'board.updated', 'board.trashed', 'board.restored', 'board.deleted')
     ORDER BY seq`,
    [workspaceId, seq],
  )
  return rows.map((row) => row.seq)
}

async function requireNothingMissed(world: World): Promise<void> {
  for (const { who, reader } of world.readers) {
    for (const events of reader.heard) {
      const ids = events.flatMap(({ data }) => (data.eventId ? [Number(data.eventId)] : []))
      expect(ids, 'in the order of the changes').toEqual([...ids].sort((a, b) => a - b))
    }
    // In and out of the workspace: what they are told of depends on when they were in it.
    if (who !== 'member' && who !== 'owner') continue
    const list = reader.heard.flat().findLast(({ name }) => name === 'boards:initial')
    const updates = reader.updatesSinceList()
    // A change that was told just before the line broke is told again if its end was not seen.
    const told = [...new Set(updates.map(({ eventId }) => eventId))]
    expect(told).toEqual(await changesAfter(world, Number(list?.lastEventId)))
    for (const boardId of world.boards) {
      const ids = updates.filter((update) => update.boardId === boardId)
      expect(ids.map(({ eventId }) => eventId)).toEqual(
        [...new Set(ids.map(({ eventId }) => eventId))].sort((a, b) => a - b),
      )
    }
  }
}

let resumed = 0
let compared = 0

test(
  'EVT-7: whatever writers, readers, instances and Redis do, every list ends up as the list route has it, and no change is missed or out of order',
  async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArbitrary, { minLength: STEPS_PER_RUN, maxLength: STEPS_PER_RUN }),
        async (steps) => {
          const world = await createWorld(++run)
          const work: Promise<void>[] = []
          for (const step of steps) {
            work.push(begin(world, step))
            await new Promise((resolve) => setTimeout(resolve, step.pauseMs))
          }
          await Promise.all(work)
          for (const [i, { reader }] of world.readers.entries()) await reader.open(apiUrl(i % 2))
          await eventually(
            'every list is right',
            async () => {
              for (const { who, reader } of world.readers) {
                if (!reader.isOpen) await reader.open(apiUrl(STEADY))
                expect(sorted(reader.boards()), who).toEqual(sorted(await listOf(world, who)))
              }
              return true
            },
            SETTLED_WITHIN_MS,
          )
          await eventually('no change is missed', async () => {
            await requireNothingMissed(world)
            return true
          })
          compared += world.readers.length
          resumed += world.readers.reduce((sum, { reader }) => sum + reader.heard.length - 1, 0)
          for (const { reader } of world.readers) reader.close()
        },
      ),
      // Shrinking would outlast the test, and its seed is all that a failure needs.
      { numRuns: RUNS, endOnFailure: true },
    )
    // Else too little was tried that could go wrong.
    expect(compared).toBeGreaterThan(RUNS * PEOPLE.length)
    expect(resumed).toBeGreaterThan(RUNS * 2)
  },
  60_000 * (RUNS + 1),
)
