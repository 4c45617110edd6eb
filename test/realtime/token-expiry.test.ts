import { CLOSE_CODES } from '@mindfuse/protocol'
import type { WhiteboardClient } from '@mindfuse/testing'
import { callApi, connectRaw, eventually, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'

/** Life of the tokens under test: connecting and refreshing takes a slow machine a while. */
const LIFE_SECONDS = 4

/** How far from its token's end a connection may close, milliseconds. */
const TOLERANCE_MS = 5_000

const test = testWith({ gateways: 2 })
  /** A token that ends soon, and its connections with it. */
  .extend(
    'shortLived',
    ({ stack }) =>
      (person: SignedIn) =>
        shortLivedToken(stack, person, LIFE_SECONDS, { until: undefined }),
  )
  /** Connects with a token that ends soon. */
  .extend('connect', ({ shortLived, ada, whiteboard }) => async (gateway: number) => {
    const { token, expiresAt, endsAt } = await shortLived(ada)
    const client = await whiteboard(gateway, { accessToken: token })
    let closedAt = 0
    client.socket.on('close', () => {
      closedAt = Date.now()
    })
    await client.heard('hello')
    return { client, expiresAt, endsAt, closedAt: () => closedAt }
  })
  /** A fresh access token of a session, as a browser fetches it. */
  .extend('refreshed', ({ stack }) => async ({ browser }: SignedIn): Promise<string> => {
    const response = await browser.fetch(`${stack.apiUrl}/api/auth/token`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    const { accessToken } = (await response.json()) as { accessToken: string }
    return accessToken
  })

/** A connection, when its token expires, when it is closed at the latest, and when it closed. */
interface Seat {
  client: WhiteboardClient
  expiresAt: number
  endsAt: number
  closedAt(): number
}

async function expectClosedOnTime({ client, endsAt, closedAt }: Seat) {
  expect(await client.closeCode()).toBe(CLOSE_CODES.TOKEN_EXPIRED)
  expect(Math.abs(closedAt() - endsAt)).toBeLessThan(TOLERANCE_MS)
}

test.concurrent('AUTH-8: a connection is warned, and closed with 4501 a minute after its token expires', async ({
  connect,
}) => {
  for (const seat of await Promise.all([connect(0), connect(1)])) {
    const { expiresAt } = await seat.client.heard('auth:expiring')
    expect(expiresAt).toBe(new Date(seat.expiresAt).toISOString())
    await expectClosedOnTime(seat)
    const warnings = seat.client.messages.filter(({ type }) => type === 'auth:expiring')
    expect(warnings).toHaveLength(1)
  }
})

test.concurrent('AUTH-8: a stock connection is closed with 4501 a minute after its token expires', async ({
  shortLived,
  ada,
  stack,
  boardId,
}) => {
  const { token, endsAt } = await shortLived(ada)
  const client = await connectRaw(`${stack.realtimeUrls[1]}/${boardId}?token=${token}`)
  expect(await client.closeCode()).toBe(CLOSE_CODES.TOKEN_EXPIRED)
  expect(Math.abs(Date.now() - endsAt)).toBeLessThan(TOLERANCE_MS)
})

test.concurrent('AUTH-9: a connection that brings a fresh token in time lives on', async ({
  connect,
  refreshed,
  ada,
}) => {
  const seats = await Promise.all([connect(0), connect(1)])
  const witness = await connect(0)
  const token = await refreshed(ada)
  for (const { client } of seats) client.say({ type: 'auth:refresh', token })
  await expectClosedOnTime(witness)
  // Whoever is looked at for its end is looked at in the same round, so the others were spared.
  for (const { client } of seats) {
    client.say({ type: 'presence:viewport', x: 7, y: 7, zoom: 1 })
    await client.heard('presence:sync', ({ presences }) =>
      presences.some(({ viewport }) => viewport?.x === 7),
    )
    expect(client.closed).toBeUndefined()
    expect(client.messages.filter(({ type }) => type === 'error')).toEqual([])
    client.destroy()
  }
})

test.concurrent('AUTH-9: a token of a session that ended, of another user, or no token changes nothing', async ({
  person,
  stack,
  alan,
  ada,
  connect,
}) => {
  const ended = await person('ada')
  await callApi(`${stack.apiUrl}/api/auth/logout`, { token: ended.accessToken, method: 'POST' })
  const bad: [token: string, code: string][] = [
    [alan.accessToken, 'other_user'],
    ['nonsense', 'token_invalid'],
    [`${ada.accessToken.slice(0, -8)}AAAAAAAA`, 'token_invalid'],
    [ended.accessToken, 'session_ended'],
  ]
  await Promise.all(
    bad.map(async ([token, expected], i) => {
      const seat = await connect(i % 2)
      seat.client.say({ type: 'auth:refresh', token })
      expect((await seat.client.heard('error')).code).toBe(expected)
      expect(seat.client.closed).toBeUndefined()
      await expectClosedOnTime(seat)
    }),
  )
})

test.concurrent('AUTH-9 AUTH-4: a connection belongs to the session of its newest token', async ({
  person,
  connect,
  stack,
}) => {
  const other = await person('ada')
  const [moved, stayed] = await Promise.all([connect(0), connect(1)])
  moved.client.say({ type: 'auth:refresh', token: other.accessToken })
  await eventually('the short one has ended', () => stayed.client.closed)
  expect(moved.client.closed).toBeUndefined()
  await callApi(`${stack.apiUrl}/api/auth/logout`, { token: other.accessToken, method: 'POST' })
  expect(await moved.client.closeCode()).toBe(CLOSE_CODES.SESSION_ENDED)
})

test.concurrent('AUTH-13 AUTH-4: a connection of a session outlives its token, and ends with the session', async ({
  person,
  stack,
  boardId,
  whiteboard,
  connect,
}) => {
  const grace = await person('ada')
  const { token, endsAt } = await shortLivedToken(stack, grace, LIFE_SECONDS)
  const text = await whiteboard(0, { accessToken: token })
  const stock = await connectRaw(`${stack.realtimeUrls[1]}/${boardId}?token=${token}`)
  const witness = await connect(0)
  await expectClosedOnTime(witness)
  await eventually('their token has ended as well', () => Date.now() > endsAt + TOLERANCE_MS)
  text.say({ type: 'ping' })
  await text.heard('pong')
  expect([text.closed, stock.closed]).toEqual([undefined, undefined])
  expect(text.messages.filter(({ type }) => type === 'auth:expiring')).toEqual([])

  await callApi(`${stack.apiUrl}/api/auth/logout`, { token: grace.accessToken, method: 'POST' })
  for (const client of [text, stock]) {
    expect(await client.closeCode()).toBe(CLOSE_CODES.SESSION_ENDED)
  }
})
