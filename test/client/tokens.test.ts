import { type Client, MindfuseError } from '@mindfuse/client'
import { createBoard, eventually, type SignedIn, signIn } from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { connectSdk, createCountingWebSocket, createLocks, draw } from '../support/sdk.ts'
import { type Stack, startStack } from '../support/stack.ts'

let stack: Stack
let ada: SignedIn
let boardId: string
/** Requests for a new token that reached the API. */
let renewals = 0
const clients: Client[] = []

beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack.stop())
beforeEach(async () => {
  ada = await signIn(stack.apiUrl, `ada-${clients.length}-${renewals}@example.com`)
  boardId = await createBoard(stack.apiUrl, ada.accessToken)
  renewals = 0
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

const countingFetch: typeof fetch = (url, init) => {
  if (String(url).endsWith('/api/auth/token')) renewals++
  return ada.browser.fetch(String(url), init)
}

/** A tab of her browser. */
function openTab(options: Parameters<typeof connectSdk>[2] = {}): Client {
  const environment = { fetch: countingFetch, ...options.environment }
  const client = connectSdk(stack, ada, { ...options, environment })
  clients.push(client)
  return client
}

test('however many ask, one request fetches the token', async () => {
  const client = openTab()
  const board = client.board(boardId)
  await Promise.all([
    board.whenSynced(),
    ...Array.from({ length: 10 }, () => client.api.account.me()),
  ])
  expect(renewals).toBe(1)
})

test('tabs of one person fetch it once between them', async () => {
  const locks = createLocks()
  const tabs = Array.from({ length: 5 }, () =>
    openTab({ userId: ada.user.id, environment: { locks, indexedDB: undefined } }),
  )
  await Promise.all(tabs.map((tab) => tab.board(boardId).whenSynced()))
  expect(renewals).toBe(1)
})

test('without locks and channels tabs fetch it each on their own', async () => {
  const environment = { locks: undefined, BroadcastChannel: undefined, indexedDB: undefined }
  const tabs = Array.from({ length: 3 }, () => openTab({ userId: ada.user.id, environment }))
  await Promise.all(tabs.map((tab) => tab.board(boardId).whenSynced()))
  expect(renewals).toBe(3)
})

test('a token that one tab renewed keeps the connections of all tabs alive', async () => {
  const { WebSocket, counted } = createCountingWebSocket()
  const locks = createLocks()
  let refusals = 1
  /** The API refuses once, as where its clock and ours disagree on the end of the token. */
  const refusing: typeof fetch = async (url, init) => {
    if (!String(url).endsWith('/api/auth/me') || refusals-- <= 0) return countingFetch(url, init)
    return new Response('{"code":"token_invalid"}', { status: 401 })
  }
  const environment = { WebSocket, locks, indexedDB: undefined, fetch: refusing }
  const tabs = [0, 1].map(() => openTab({ userId: ada.user.id, environment }))
  const boards = tabs.map((tab) => tab.board(boardId))
  await Promise.all(boards.map((board) => board.whenSynced()))
  const states = boards.map(({ status }) => status)
  expect(await tabs[0]!.api.account.me()).toMatchObject({ id: ada.user.id })
  expect(renewals).toBe(2)
  await eventually('each connection has the new token', () => counted.refreshes === 2)
  for (const board of boards) draw(board)
  await Promise.all(boards.map((board) => board.whenSaved()))
  expect(counted.errors).toBe(0)
  expect(boards.map(({ status }) => status)).toEqual(states)
})

test('without a session the board says that somebody has to sign in', async () => {
  const client = openTab()
  const board = client.board(boardId)
  await board.whenSynced()
  await client.api.account.signOut()
  await eventually('it is denied', () => board.status.kind === 'denied')
  expect(board.status).toMatchObject({ kind: 'denied', reason: 'sign_in_required' })
  await expect(client.api.account.me()).rejects.toMatchObject({ status: 401 })

  await signIn(stack.apiUrl, ada.user.email, ada.browser)
  board.connect()
  await eventually('it is back', () => board.status.kind === 'online')
})

test('a refresh that fails for a while is tried again', async () => {
  let isAway = true
  const client = openTab({
    getToken: async () => {
      if (isAway) throw new MindfuseError('network_error', 'away')
      return ada
    },
  })
  const board = client.board(boardId)
  await eventually('it waits', () => board.status.kind === 'offline')
  expect(board.status).toMatchObject({ code: 'network_error' })
  isAway = false
  await board.whenSynced()
})

test('a token that the API does not take any more is renewed, once for all tabs', async () => {
  const locks = createLocks()
  const tabs = [0, 1].map(() =>
    openTab({ userId: ada.user.id, environment: { locks, indexedDB: undefined } }),
  )
  await Promise.all(tabs.map((tab) => tab.api.account.me()))
  expect(renewals).toBe(1)
  // Signing keys that are gone make every token of before invalid.
  await stack.database.query('DELETE FROM signing_keys')
  await stack.stopApi()
  await stack.startApi()
  await Promise.all(tabs.map((tab) => tab.api.account.me()))
  expect(renewals).toBe(2)
})
