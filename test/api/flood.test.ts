import { openDatabase } from '@mindfuse/api'
import { Browser, eventually, type SignedIn } from '@mindfuse/testing'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { createCrowd } from '../support/crowd.ts'
import { test as base } from '../support/fixtures.ts'

/** How many accept the same invite at once. */
const CROWD = 1_000

/** How many sign in at once. */
const SIGN_INS = Number(process.env.SIGN_INS ?? 200)

/** How many of them get ready for that at a time. */
const GETTING_READY = 50

/** From the request on, a removal is answered and keeps the person out within this time on a busy machine, milliseconds. */
const REMOVAL_TARGET_MS = 5_000

/** Within this time others are answered meanwhile on a busy machine, milliseconds. */
const OTHERS_TARGET_MS = 5_000

const test = base
  /** Creates a link to the board, and returns the path that accepts it. */
  .extend('newInvite', ({ as, ada, boardId }) => async (): Promise<string> => {
    const body = { role: 'viewer', expiresInSeconds: 3_600 }
    const invite = await as(ada, `/api/boards/${boardId}/invite`, { body })
    return `/api/invites/${invite.body.token}/accept`
  })
  .extend('post', ({ stack }) => async (path: string, { accessToken }: Bearer) => {
    const headers = { authorization: `Bearer ${accessToken}` }
    const response = await fetch(`${stack.apiUrl}${path}`, { method: 'POST', headers })
    const retryAfter = response.headers.get('retry-after')
    const body = (await response.json()) as { code?: string }
    return { status: response.status, body, retryAfter }
  })
  .extend('memberCount', ({ stack, boardId }) => async (): Promise<number> => {
    const text = 'SELECT count(*)::int FROM board_members WHERE board_id = $1'
    return (await stack.database.query(text, [boardId]))[0].count
  })

  /** Takes somebody through a sign-in up to its last step, and returns that. */
  .extend('beginSignIn', ({ stack }) => async (email: string) => {
    const browser = new Browser()
    const start = `${stack.apiUrl}/api/auth/google?login_hint=${email}`
    const { headers } = await browser.fetch(start, { redirect: 'manual' })
    const authorized = await fetch(headers.get('location')!, { redirect: 'manual' })
    const callback = authorized.headers.get('location')!
    return async () => {
      const answer = await browser.fetch(callback, { headers: { accept: 'application/json' } })
      await answer.arrayBuffer()
      return { status: answer.status, retryAfter: answer.headers.get('retry-after') }
    }
  })

type Bearer = Pick<SignedIn, 'accessToken'>

test('a removal takes effect at once while a thousand accept an invite', async ({
  stack,
  as,
  ada,
  alan,
  boardId,
  clients,
  newInvite,
  post,
  memberCount,
  annotate,
}) => {
  const crowd = await createCrowd(stack, CROWD, { like: ada })
  const path = await newInvite()
  const removed = await clients.whiteboard(0, alan)
  const before = await memberCount()

  const acceptances = crowd.map((newcomer) => post(path, newcomer))
  await eventually('the first are on the board', async () => (await memberCount()) > before + 20)
  const startedAt = performance.now()
  const member = `/api/boards/${boardId}/members/${alan.user.id}`
  const removal = await as(ada, member, { method: 'DELETE' })
  const answeredMs = performance.now() - startedAt
  await removed.closeCode()
  const effectiveMs = performance.now() - startedAt
  expect(removal.status).toBe(204)
  expect({ answeredMs, effectiveMs }).toMatchObject({
    answeredMs: expect.toSatisfy((ms: number) => ms < REMOVAL_TARGET_MS),
    effectiveMs: expect.toSatisfy((ms: number) => ms < REMOVAL_TARGET_MS),
  })

  // What is not answered with the board has had no effect, and says when to try again.
  const answers = await Promise.all(acceptances)
  const accepted = answers.filter(({ status }) => status === 200)
  await annotate(JSON.stringify({ answeredMs, effectiveMs, accepted: accepted.length }))
  const refused = answers.filter(({ status }) => status !== 200)
  expect(accepted.length).toBeGreaterThan(0)
  for (const { status, body, retryAfter } of refused) {
    expect([status, body.code, retryAfter]).toEqual([503, 'overloaded', '5'])
  }
  expect(await memberCount()).toBe(before - 1 + accepted.length)
})

test('a removal takes effect before a quarter of those who sign in at once are answered', {
  timeout: 180_000,
}, async ({ stack, as, ada, alan, boardId, clients, beginSignIn, annotate }) => {
  const emails = Array.from({ length: SIGN_INS }, (_, i) => `newcomer-${i}@example.com`)
  const signIns: Awaited<ReturnType<typeof beginSignIn>>[] = []
  while (signIns.length < SIGN_INS) {
    const next = emails.slice(signIns.length, signIns.length + GETTING_READY)
    signIns.push(...(await Promise.all(next.map(beginSignIn))))
  }
  const countSessions = async (): Promise<number> =>
    (await stack.database.query('SELECT count(*)::int FROM sessions'))[0].count
  const removed = await clients.whiteboard(0, alan)
  const before = await countSessions()

  let answered = 0
  const startedAt = performance.now()
  const all = Promise.all(signIns.map((signIn) => signIn().finally(() => answered++)))
  await eventually('the first have signed in', async () => (await countSessions()) > before)
  const removedAt = performance.now()
  const member = `/api/boards/${boardId}/members/${alan.user.id}`
  const removal = await as(ada, member, { method: 'DELETE' })
  const answeredMs = performance.now() - removedAt
  await removed.closeCode()
  const effectiveMs = performance.now() - removedAt
  const answeredBefore = answered
  expect(removal.status).toBe(204)

  // Who was not answered with a session has none.
  const answers = await all
  const signedIn = answers.filter(({ status }) => status === 200).length
  const seconds = (performance.now() - startedAt) / 1_000
  await annotate(JSON.stringify({ answeredMs, effectiveMs, answeredBefore, signedIn, seconds }))
  expect(answeredBefore).toBeLessThan(SIGN_INS / 4)
  expect(signedIn).toBeGreaterThan(0)
  for (const { status, retryAfter } of answers) {
    if (status !== 200) expect([status, retryAfter]).toEqual([503, '5'])
  }
  expect(await countSessions()).toBe(before + signedIn)
})

test('requests that wait for a lock leave connections to removals, events and edits', async ({
  stack,
  as,
  ada,
  alan,
  boardId,
  newBoard,
  clients,
}) => {
  const crowd = await createCrowd(stack, 20, { like: ada })
  await stack.database.query(
    `INSERT INTO board_members (board_id, user_id, role)
     SELECT $1, unnest($2::uuid[]), 'editor'`,
    [boardId, crowd.map(({ userId }) => userId)],
  )
  const otherBoardId = await newBoard()
  const removed = await clients.whiteboard(0, alan, otherBoardId)
  const drawing = clients.stock(0, ada, otherBoardId)
  await drawing.synced()
  const pool = openDatabase({ url: stack.database.url, poolSize: 4, onError: () => undefined })

  const renames = await pool.db.transaction().execute(async (tx) => {
    await sql`SELECT FROM boards WHERE id = ${boardId} FOR UPDATE`.execute(tx)
    const waiting = crowd.map(({ accessToken }) =>
      fetch(`${stack.apiUrl}/api/boards/${boardId}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Renamed' }),
      }),
    )
    await eventually('no connection is free', async () => {
      const metrics = await (await fetch(`${stack.apiUrl}/metrics`)).text()
      return /database_pool_connections{pool="requests",state="waiting"} [1-9]/.test(metrics)
    })

    const member = `/api/boards/${otherBoardId}/members/${alan.user.id}`
    expect((await as(ada, member, { method: 'DELETE' })).status).toBe(204)
    await removed.closeCode()
    drawing.doc.getMap('shapes').set('a', 1)
    await eventually('the edit is stored', async () => {
      const text = 'SELECT FROM board_updates WHERE board_id = $1'
      return (await stack.database.query(text, [otherBoardId])).length > 0
    })
    expect((await as(undefined, '/ready')).body).toEqual({ ready: true })
    return { waiting }
  })
  await pool.close()
  for (const { status } of await Promise.all(renames.waiting)) expect(status).toBe(200)
})

test('an invite that is accepted again returns the board again', async ({
  stack,
  ada,
  newInvite,
  post,
}) => {
  const [newcomer] = await createCrowd(stack, 1, { like: ada })
  const path = await newInvite()
  const first = await post(path, newcomer!)
  expect(first.status).toBe(200)
  expect(await post(path, newcomer!)).toEqual(first)
})

test('many who accept a membership of one workspace leave connections to others', async ({
  stack,
  as,
  ada,
  alan,
  post,
}) => {
  const { id: workspaceId } = (await as(ada, '/api/workspaces', { body: { name: 'Team' } })).body
  const crowd = await createCrowd(stack, 300, { like: ada })
  const offers: { id: string; email: string }[] = await stack.database.query(
    `INSERT INTO pending_memberships (workspace_id, email, role, invited_by, expires_at)
     SELECT $1, unnest($2::text[]), 'member', $3, now() + interval '1 day' RETURNING id, email`,
    [workspaceId, crowd.map(({ email }) => email), ada.user.id],
  )
  const offerTo = new Map(offers.map(({ id, email }) => [email, id]))
  const countMembers = async (): Promise<number> => {
    const text = 'SELECT count(*)::int FROM workspace_members WHERE workspace_id = $1'
    return (await stack.database.query(text, [workspaceId]))[0].count
  }
  const pathOf = ({ email }: { email: string }) => `/api/memberships/${offerTo.get(email)}/accept`

  const acceptances = crowd.map((newcomer) => post(pathOf(newcomer), newcomer))
  await eventually('the first are members', async () => (await countMembers()) > 5)
  const startedAt = performance.now()
  expect((await as(alan, '/api/workspaces')).status).toBe(200)
  expect(performance.now() - startedAt).toBeLessThan(OTHERS_TARGET_MS)
  expect(await countMembers()).toBeLessThan(crowd.length)

  const answers = await Promise.all(acceptances)
  const accepted = answers.filter(({ status }) => status === 200)
  for (const { status, retryAfter } of answers) {
    if (status !== 200) expect([status, retryAfter]).toEqual([503, '5'])
  }
  expect(await countMembers()).toBe(1 + accepted.length)
  const first = answers.findIndex(({ status }) => status === 200)
  expect(await post(pathOf(crowd[first]!), crowd[first]!)).toEqual(answers[first])
})

test('many who create boards in one workspace are all answered, and none twice', async ({
  stack,
  as,
  ada,
}) => {
  const { id: workspaceId } = (await as(ada, '/api/workspaces', { body: { name: 'Class' } })).body
  const crowd = await createCrowd(stack, 300, { like: ada })
  await stack.database.query(
    `INSERT INTO workspace_members (workspace_id, user_id, role)
     SELECT $1, unnest($2::uuid[]), 'member'`,
    [workspaceId, crowd.map(({ userId }) => userId)],
  )
  const answers = await Promise.all(
    crowd.map(async ({ accessToken }) => {
      const response = await fetch(`${stack.apiUrl}/api/workspaces/${workspaceId}/boards`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Mine' }),
      })
      return [response.status, response.headers.get('retry-after')]
    }),
  )
  const created = answers.filter(([status]) => status === 201)
  for (const answer of answers) if (answer[0] !== 201) expect(answer).toEqual([503, '5'])
  const text = 'SELECT count(*)::int FROM boards WHERE workspace_id = $1'
  expect((await stack.database.query(text, [workspaceId]))[0].count).toBe(created.length)
})
