import { CLOSE_CODES } from '@mindfuse/protocol'
import {
  type Browser,
  callApi,
  connectRaw,
  connectStockClient,
  createBoard,
  eventually,
  type SignedIn,
  startTcpProxy,
} from '@mindfuse/testing'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { test as base } from '../support/fixtures.ts'
import { WEB_ORIGIN } from '../support/stack.ts'

/** The WebSocket of a page: its browser adds the origin and the cookies that it has by then. */
const webSocketOf = (browser: Browser) =>
  class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { origin: WEB_ORIGIN, headers: { cookie: browser.cookieHeader } })
    }
  } as typeof WebSocket

const test = base
  .extend('eve', ({ person }) => person(`eve-${crypto.randomUUID()}`))
  .extend('boardOfEve', ({ stack, eve }) => createBoard(stack.apiUrl, eve.accessToken))
  /** What a page of an origin, or a program, gets with somebody's cookies. */
  .extend(
    'upgrade',
    ({ stack, boardOfEve, clients }) =>
      async (
        { browser }: Pick<SignedIn, 'browser'>,
        { query = '', ...headers }: { origin?: string; query?: string } = {},
      ) => {
        const url = `${stack.realtimeUrl}/${boardOfEve}${query}`
        try {
          const client = await connectRaw(url, {
            headers: { cookie: browser.cookieHeader, ...headers },
          })
          return { status: 101, client: clients.keep(client) }
        } catch (refused) {
          return refused as { status: number; code: string }
        }
      },
  )
  .extend('rotate', ({ stack, eve }) => async () => {
    const { status } = await eve.browser.fetch(`${stack.apiUrl}/api/auth/token`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(status).toBe(200)
  })

test('ADM-16: a page that is signed in connects and reconnects with y-websocket as it is', async ({
  stack,
  boardOfEve,
  eve,
  clients,
  rotate,
  readStored,
}) => {
  const network = await startTcpProxy(stack.realtimeUrl)
  const realtimeUrl = network.through(stack.realtimeUrl)
  const stock = clients.keep(
    connectStockClient({
      realtimeUrl,
      boardId: boardOfEve,
      WebSocket: webSocketOf(eve.browser),
    }),
  )
  await stock.synced()
  expect(stock.provider.url).toBe(`${realtimeUrl}/${boardOfEve}`)
  stock.doc.getMap('shapes').set('before', true)
  // Another tab renews its token, which replaces the cookie.
  await rotate()
  network.cut()
  await eventually('it is disconnected', () => !stock.provider.wsconnected)
  stock.doc.getMap('shapes').set('meanwhile', true)
  await stock.synced()
  await eventually('both are stored', async () => {
    const { before, meanwhile } = await readStored(boardOfEve)
    return before && meanwhile
  })
  await network.stop()
})

test('ADM-16 AUTH-4 AUTH-13: such a connection ends with the session', async ({
  upgrade,
  eve,
  stack,
}) => {
  const { client } = (await upgrade(eve, { origin: WEB_ORIGIN })) as any
  await callApi(`${stack.apiUrl}/api/auth/logout`, { token: eve.accessToken, method: 'POST' })
  expect(await client.closeCode()).toBe(CLOSE_CODES.SESSION_ENDED)
  expect(await upgrade(eve, { origin: WEB_ORIGIN })).toEqual({
    status: 401,
    code: 'session_ended',
  })
})

test('ADM-16: only pages of the configured origins connect with a cookie', async ({
  upgrade,
  eve,
}) => {
  expect(await upgrade(eve)).toEqual({ status: 403, code: 'origin_required' })
  for (const origin of ['https://evil.example', `${WEB_ORIGIN}.evil.example`, 'null']) {
    expect(await upgrade(eve, { origin })).toEqual({ status: 403, code: 'origin_not_allowed' })
  }
})

test('ADM-16: a token takes precedence over the cookie, also if it is invalid', async ({
  upgrade,
  eve,
  alan,
}) => {
  const page = { origin: WEB_ORIGIN }
  expect(await upgrade(eve, { ...page, query: '?token=nonsense' })).toEqual({
    status: 401,
    code: 'token_invalid',
  })
  const his = `?token=${alan.accessToken}`
  expect(await upgrade(eve, { ...page, query: his })).toEqual({
    status: 404,
    code: 'board_not_found',
  })
  const hers = `?token=${eve.accessToken}`
  expect(await upgrade(alan, { query: hers })).toMatchObject({ status: 101 })
})

test('ADM-16: a board that is not shared with the user is not found', async ({ upgrade, alan }) => {
  expect(await upgrade(alan, { origin: WEB_ORIGIN })).toEqual({
    status: 404,
    code: 'board_not_found',
  })
})

test('ADM-13 ADM-16: a page may read why, with its cookie', async ({ stack, boardOfEve, eve }) => {
  const url = `${stack.realtimeUrl.replace('ws:', 'http:')}/${boardOfEve}`
  const response = await fetch(url, {
    headers: { origin: WEB_ORIGIN, cookie: eve.browser.cookieHeader },
  })
  expect(await response.json()).toMatchObject({ status: 426, code: 'upgrade_required' })
  expect(response.headers.get('access-control-allow-origin')).toBe(WEB_ORIGIN)
  expect(response.headers.get('access-control-allow-credentials')).toBe('true')
  const foreign = await fetch(url, {
    headers: { origin: 'https://evil.example', cookie: eve.browser.cookieHeader },
  })
  expect(foreign.status).toBe(403)
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
  expect(foreign.headers.get('access-control-allow-credentials')).toBeNull()
})
