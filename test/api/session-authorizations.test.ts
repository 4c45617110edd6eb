import { createHash } from 'node:crypto'
import { type Browser, callApi, createBoard } from '@mindfuse/testing'
import { expect } from 'vitest'
import { test as base } from '../support/fixtures.ts'

const NAME = 'mindfuse_session'

const hashOf = (browser: Browser) =>
  createHash('sha256').update(browser.cookies.get(NAME)!).digest('hex')

const test = base
  .extend('eve', ({ person }) => person(`eve-${crypto.randomUUID()}`))
  .extend('boardOfEve', ({ stack, eve }) => createBoard(stack.apiUrl, eve.accessToken))
  /** What a gateway is told of session cookies. */
  .extend(
    'ask',
    ({ stack }) =>
      async (...connections: { boardId: string; cookies: { name: string; hash: string }[] }[]) => {
        const { status, body } = await callApi(`${stack.apiUrl}/internal/session-authorizations`, {
          headers: { authorization: `Internal-Secret ${stack.internalSecret}` },
          body: { connections },
        })
        expect(status).toBe(200)
        return body.results
      },
  )
  /** The same for one cookie on a board of its owner. */
  .extend(
    'ownerOf',
    ({ ask, boardOfEve }) =>
      async (hash: string, name = NAME) =>
        (await ask({ boardId: boardOfEve, cookies: [{ name, hash }] }))[0]?.user.id,
  )
  .extend('rotate', ({ stack, eve }) => async () => {
    const response = await eve.browser.fetch(`${stack.apiUrl}/api/auth/token`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(response.status).toBe(200)
  })
  /** Makes everything that was replaced so much older. */
  .extend('age', ({ stack, eve }) => (seconds: number) => {
    return stack.database.query(
      `WITH aged AS (
         UPDATE session_retired_tokens SET retired_at = retired_at - make_interval(secs => $1)
         WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $2))
       UPDATE sessions SET rotated_at = rotated_at - make_interval(secs => $1) WHERE user_id = $2`,
      [seconds, eve.user.id],
    )
  })

test('ADM-16: say whose session a cookie is, and what they may do, each in its place', async ({
  ask,
  eve,
  alan,
  boardOfEve,
}) => {
  const [hers, his] = [eve, alan].map(({ browser }) => [{ name: NAME, hash: hashOf(browser) }])
  const unknown = [{ name: NAME, hash: '0'.repeat(64) }]
  const results = await ask(
    { boardId: boardOfEve, cookies: unknown },
    { boardId: boardOfEve, cookies: hers! },
    { boardId: boardOfEve, cookies: his! },
    { boardId: crypto.randomUUID(), cookies: hers! },
    { boardId: boardOfEve, cookies: [] },
  )
  const { id, name } = eve.user
  expect(results).toEqual([
    null,
    {
      sessionId: expect.any(String),
      user: { id, name },
      role: 'owner',
      version: 1,
      canBroadcast: true,
      boardExists: true,
      sessionLives: true,
    },
    expect.objectContaining({ role: null, user: expect.objectContaining({ id: alan.user.id }) }),
    expect.objectContaining({ role: null, boardExists: false }),
    null,
  ])
})

test('ADM-16: only the name of the API’s own cookie counts', async ({ ownerOf, eve }) => {
  expect(await ownerOf(hashOf(eve.browser), '__Host-mindfuse_session')).toBeUndefined()
  expect(await ownerOf(hashOf(eve.browser))).toBe(eve.user.id)
})

test('ADM-16: neither a current, a replaced nor an old value changes the session', async ({
  stack,
  eve,
  ownerOf,
  rotate,
  age,
}) => {
  const sessions = () =>
    stack.database.query('SELECT token, rotated_at, revoked_at FROM sessions WHERE user_id = $1', [
      eve.user.id,
    ])
  const first = hashOf(eve.browser)
  const before = await sessions()
  expect(await ownerOf(first)).toBe(eve.user.id)
  expect(await sessions()).toEqual(before)
  await rotate()
  const second = hashOf(eve.browser)
  expect(second).not.toBe(first)
  // A page connects while another tab has the value replaced.
  expect([await ownerOf(first), await ownerOf(second)]).toEqual([eve.user.id, eve.user.id])
  await rotate()
  expect(await ownerOf(first)).toBeUndefined()
  expect(await ownerOf(second)).toBe(eve.user.id)
  await age(11)
  expect(await ownerOf(second)).toBeUndefined()
  // An old value is refused, and no alarm: it may be any number of a page's reconnects.
  await rotate()
  expect(await ownerOf(hashOf(eve.browser))).toBe(eve.user.id)
})

test.for([
  ['signed out', 'UPDATE sessions SET revoked_at = now() WHERE user_id = $1'],
  ['at its end', 'UPDATE sessions SET expires_at = now() WHERE user_id = $1'],
  ['of a deleted account', 'DELETE FROM sessions WHERE user_id = $1'],
] as const)(
  'ADM-16: a session %s is nobody’s, its replaced value included',
  async ([, statement], { stack, eve, ownerOf, rotate }) => {
    const replaced = hashOf(eve.browser)
    await rotate()
    await stack.database.query(statement, [eve.user.id])
    expect([await ownerOf(replaced), await ownerOf(hashOf(eve.browser))]).toEqual([
      undefined,
      undefined,
    ])
  },
)
