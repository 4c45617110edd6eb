import { randomUUID } from 'node:crypto'
import {
  type Board,
  type Client,
  type ConnectionState,
  type GetToken,
  MindfuseError,
} from '@mindfuse/client'
import { callApi, createBoard, eventually, signIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { addMember } from '../support/people.ts'
import { createCountingWebSocket, createLocks, draw, type SdkOptions } from '../support/sdk.ts'
import { addressOf, test as base } from '../support/sdk-fixtures.ts'
import { shortLivedToken } from '../support/short-lived-token.ts'

const test = base
  /** A person of the test's own, since tests end sessions. */
  .extend('eve', ({ person }) => person(`eve-${randomUUID()}`))
  .extend('boardId', ({ stack, eve }) => createBoard(stack.apiUrl, eve.accessToken))
  /** Counts requests for a new token that reach the API. */
  .extend('renewals', ({ eve }) => {
    const renewals = { count: 0 }
    const countingFetch: typeof fetch = (url, init) => {
      if (new URL(String(url)).pathname === '/api/auth/token') renewals.count++
      return eve.browser.fetch(String(url), init)
    }
    return Object.assign(renewals, { countingFetch })
  })
  /** A tab of her browser. */
  .extend(
    'openTab',
    ({ connect, eve, renewals }) =>
      (options: SdkOptions = {}): Client =>
        connect(eve, {
          ...options,
          environment: { fetch: renewals.countingFetch, ...options.environment },
        }),
  )

test('however many ask, one request fetches the token', async ({ openTab, boardId, renewals }) => {
  const client = openTab()
  const board = client.board(boardId)
  await Promise.all([
    board.whenSynced(),
    ...Array.from({ length: 10 }, () => client.api.account.me()),
  ])
  expect(renewals.count).toBe(1)
})

test.for([
  {
    title: 'tabs of one person fetch it once between them',
    environmentOfTabs: () => ({ locks: createLocks(), indexedDB: undefined }),
    fetches: () => 1,
  },
  {
    title: 'without locks and channels tabs fetch it each on their own',
    environmentOfTabs: () => ({
      locks: undefined,
      BroadcastChannel: undefined,
      indexedDB: undefined,
    }),
    fetches: (tabs: number) => tabs,
  },
])('$title', async ({ environmentOfTabs, fetches }, { openTab, eve, boardId, renewals }) => {
  const environment = environmentOfTabs()
  const tabs = Array.from({ length: 5 }, () => openTab({ userId: eve.user.id, environment }))
  await Promise.all(tabs.map((tab) => tab.board(boardId).whenSynced()))
  expect(renewals.count).toBe(fetches(tabs.length))
})

test('a token that one tab renewed keeps the connections of all tabs alive', async ({
  renewals,
  openTab,
  eve,
  boardId,
  stack,
}) => {
  const { WebSocket, counted } = createCountingWebSocket()
  const environment = { WebSocket, locks: createLocks(), indexedDB: undefined }
  /** The first ends soon and takes its connections with it. */
  const getToken: GetToken = async () => {
    if (renewals.count++ > 0) return eve
    const { token, endsAt } = await shortLivedToken(stack, eve, 50, { until: undefined })
    return { accessToken: token, expiresAt: new Date(endsAt).toISOString() }
  }
  const tabs = [0, 1].map(() => openTab({ userId: eve.user.id, environment, getToken }))
  const boards = tabs.map((tab) => tab.board(boardId))
  await Promise.all(boards.map((board) => board.whenSynced()))
  const states = boards.map(({ status }) => status)
  await eventually('each connection has the new token', () => counted.refreshes === 2)
  expect(renewals.count).toBe(2)
  await remainOnline(boards, states)
  expect(counted.errors).toBe(0)
})

test('AUTH-8: a connection that ended with its token is replaced immediately, with another token', async ({
  openTab,
  eve,
  boardId,
  stack,
}) => {
  const { WebSocket, counted } = createCountingWebSocket()
  const statuses: ConnectionState[] = []
  let fetched = 0
  const getToken: GetToken = async () => {
    if (fetched++ === 0) {
      const { token, endsAt } = await shortLivedToken(stack, eve, 3, { until: undefined })
      return { accessToken: token, expiresAt: new Date(endsAt).toISOString() }
    }
    if (board.status.kind === 'online') throw new MindfuseError('network_error', 'away')
    return eve
  }
  const client = openTab({ environment: { WebSocket, indexedDB: undefined }, getToken })
  const board = client.board(boardId)
  board.on('status', (status) => statuses.push(status))
  await board.whenSynced()
  await eventually('it is back', () => board.status.kind === 'online' && counted.attempts === 2)
  const offline = statuses.find(({ kind }) => kind === 'offline')
  expect(offline).toMatchObject({ code: 'token_expired' })
  expect(counted.refreshes).toBe(0)
})

test('AUTH-13: connections that last as long as the session are sent no token', async ({
  renewals,
  openTab,
  eve,
  boardId,
}) => {
  const { WebSocket, counted } = createCountingWebSocket()
  const locks = createLocks()
  let refusals = 1
  /** The API refuses once, as where its clock and ours disagree on the end of the token. */
  const refusing: typeof fetch = async (url, init) => {
    if (!String(url).endsWith('/api/auth/me') || refusals-- <= 0)
      return renewals.countingFetch(url, init)
    return new Response('{"code":"token_invalid"}', { status: 401 })
  }
  const environment = { WebSocket, locks, indexedDB: undefined, fetch: refusing }
  const tabs = [0, 1].map(() => openTab({ userId: eve.user.id, environment }))
  const boards = tabs.map((tab) => tab.board(boardId))
  await Promise.all(boards.map((board) => board.whenSynced()))
  const states = boards.map(({ status }) => status)
  expect(await tabs[0]!.api.account.me()).toMatchObject({ id: eve.user.id })
  expect(renewals.count).toBe(2)
  await remainOnline(boards, states)
  expect(counted).toMatchObject({ refreshes: 0, errors: 0, attempts: 2 })
})

async function remainOnline(boards: Board[], states: ConnectionState[]): Promise<void> {
  for (const board of boards) draw(board)
  await Promise.all(boards.map((board) => board.whenSaved()))
  expect(boards.map(({ status }) => status)).toEqual(states)
}

test('without a session the board reports that you have to sign in', async ({
  openTab,
  boardId,
  stack,
  eve,
}) => {
  const client = openTab()
  const board = client.board(boardId)
  await board.whenSynced()
  await client.api.account.signOut()
  await eventually('it is denied', () => board.status.kind === 'denied')
  expect(board.status).toMatchObject({ kind: 'denied', reason: 'sign_in_required' })
  await expect(client.api.account.me()).rejects.toMatchObject({ status: 401 })

  await signIn(stack.apiUrl, eve.user.email, eve.browser)
  board.connect()
  await eventually('it is back', () => board.status.kind === 'online')
})

test('a token of another user, who signed in in another tab, is refused, and nothing is sent', async ({
  openTab,
  boardId,
  stack,
  eve,
  alan,
  readStored,
  startProxy,
  connect,
}) => {
  await addMember(stack, boardId, alan, 'editor')
  const proxy = await startProxy()
  const client = connect(eve, {}, addressOf(stack, proxy))
  const board = client.board(boardId)
  await board.whenSynced()
  await proxy.stop()
  draw(board, 'hers')
  await openTab().api.account.signOut()
  await signIn(stack.apiUrl, alan.user.email, eve.browser)
  await proxy.listen()
  await eventually('it is denied', () => board.status.kind === 'denied')
  expect(board.status).toMatchObject({ reason: 'signed_in_as_another' })
  const refused = { code: 'signed_in_as_another' }
  await expect(client.api.account.me()).rejects.toMatchObject(refused)
  board.connect()
  await eventually('it is denied again', () => board.status.kind === 'denied')
  expect(board.saved).toBe(false)
  const events = client.events()
  await eventually('so is the stream', () => events.status.kind === 'denied')
  expect(events.status).toMatchObject({ reason: 'signed_in_as_another' })
  expect(await readStored()).toEqual({})

  await signIn(stack.apiUrl, eve.user.email, eve.browser)
  board.connect()
  await board.whenSaved()
  expect(await readStored()).toEqual({ hers: true })
})

test('a connection as another user than the first is refused, whatever `getToken` says', async ({
  openTab,
  boardId,
  stack,
  eve,
  alan,
}) => {
  await addMember(stack, boardId, alan, 'editor')
  let who = eve
  const client = openTab({
    getToken: async () => ({ accessToken: who.accessToken, expiresAt: who.expiresAt }),
    environment: { indexedDB: undefined },
  })
  const board = client.board(boardId)
  await board.whenSynced()
  who = alan
  await callApi(`${stack.apiUrl}/api/auth/logout`, { token: eve.accessToken, method: 'POST' })
  await eventually('it is denied', () => board.status.kind === 'denied')
  expect(board.status).toMatchObject({ reason: 'signed_in_as_another' })
})

test('a refresh that fails for a while is tried again', async ({ openTab, eve, boardId }) => {
  let isAway = true
  const client = openTab({
    getToken: async () => {
      if (isAway) throw new MindfuseError('network_error', 'away')
      return eve
    },
  })
  const board = client.board(boardId)
  await eventually('it waits', () => board.status.kind === 'offline')
  expect(board.status).toMatchObject({ code: 'network_error' })
  isAway = false
  await board.whenSynced()
})

test('a token that the API no longer accepts is renewed, once for all tabs', async ({
  openTab,
  eve,
  renewals,
  stack,
}) => {
  const locks = createLocks()
  const tabs = [0, 1].map(() =>
    openTab({ userId: eve.user.id, environment: { locks, indexedDB: undefined } }),
  )
  await Promise.all(tabs.map((tab) => tab.api.account.me()))
  expect(renewals.count).toBe(1)
  // Signing keys that are gone make every token of before invalid.
  await stack.database.query('DELETE FROM signing_keys')
  await stack.stopApi()
  await stack.startApi()
  await Promise.all(tabs.map((tab) => tab.api.account.me()))
  expect(renewals.count).toBe(2)
})
