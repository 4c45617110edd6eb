import type { us_listen_socket } from 'uWebSockets.js'
import { type OutgoingHttpHeaders, request } from 'node:http'
import { hashSessionToken, newKeyValue } from '@mindfuse/service-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listenExclusively, loadUWebSockets } from '../uws.ts'
import { readUpgradeRequest, UPGRADE_PATHS, type UpgradeRequest } from './upgrade-request.ts'

const HOST = '127.0.0.1'
const uws = loadUWebSockets()
let listenSocket: us_listen_socket
let port: number

beforeAll(() => {
  const app = uws.App()
  for (const path of UPGRADE_PATHS) {
    app.get(path, (response, received) => {
      response.end(JSON.stringify(readUpgradeRequest(received, '192.0.2.1')))
    })
  }
  const result = listenExclusively(uws, app, { host: HOST, port: 0 })
  if (!result) throw new Error('no port')
  listenSocket = result
  port = uws.us_socket_local_port(listenSocket)
})
afterAll(() => uws.us_listen_socket_close(listenSocket))

/** What the real server makes of a request; what it left undefined is missing. */
function read(path: string, headers: OutgoingHttpHeaders = {}): Promise<Partial<UpgradeRequest>> {
  return new Promise((resolve, reject) => {
    request({ host: HOST, port, path, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve(JSON.parse(body)))
    })
      .on('error', reject)
      .end()
  })
}

const BOARD = '0188e5f2-7a3b-7cde-8f01-23456789abcd'

describe('the board and the token', () => {
  test.each<[string, string | undefined, string | undefined]>([
    [`/ws/${BOARD}?token=abc`, BOARD, 'abc'],
    [`/ws?boardId=${BOARD}&token=abc`, BOARD, 'abc'],
    [`/ws?token=abc&boardId=${BOARD}`, BOARD, 'abc'],
    [`/ws/${BOARD}`, BOARD, undefined],
    [`/ws/${BOARD}?token=`, BOARD, ''],
    [`/ws/${BOARD}?tokens=abc&Token=abc`, BOARD, undefined],
    ['/ws?token=abc', undefined, 'abc'],
    ['/ws?boardId=&token=abc', undefined, 'abc'],
    ['/ws', undefined, undefined],
    [`/ws/${BOARD}/?token=abc`, BOARD, 'abc'],
    [`/ws/?boardId=${BOARD}&token=abc`, BOARD, 'abc'],
    ['/ws/', undefined, undefined],
    // The path wins, and of a parameter that comes twice the first.
    [`/ws/${BOARD}?boardId=other&token=abc&token=def`, BOARD, 'abc'],
    ['/ws/x?token=a%2Bb%3D%20c+d', 'x', 'a+b= c d'],
    ['/ws/x?token=%zz', 'x', '%zz'],
    ['/ws/x?token=a.b-c_d~e', 'x', 'a.b-c_d~e'],
  ])('of %s are %s and %s', async (path, boardId, token) => {
    const found = await read(path)
    expect(found.boardId).toBe(boardId)
    expect(found.token).toBe(token)
  })
})

describe('the subprotocols', () => {
  test.each<[string | string[], string, string | undefined]>([
    ['whiteboard.v1, bearer.a.b-c_d', 'whiteboard.v1', 'a.b-c_d'],
    ['bearer.abc,whiteboard.v1', 'whiteboard.v1', 'abc'],
    ['  whiteboard.v1 ,bearer.abc ', 'whiteboard.v1', 'abc'],
    ['whiteboard.v1', 'whiteboard.v1', undefined],
    // A client without it may still send its token this way, which is never echoed.
    ['bearer.abc', '', 'abc'],
    ['bearer.', '', ''],
    ['yjs, bearer.abc', 'yjs', 'abc'],
    ['bearer.abc,yjs', 'yjs', 'abc'],
    ['yjs, whiteboard.v1, bearer.abc', 'whiteboard.v1', 'abc'],
    ['yjs', 'yjs', undefined],
    ['Yjs, bearer.abc', '', 'abc'],
    ['whiteboard.v2, bearer.abc', '', 'abc'],
    ['Whiteboard.v1', '', undefined],
    ['whiteboard.v11', '', undefined],
    ['Bearer.abc', '', undefined],
    ['xbearer.abc', '', undefined],
    ['bearer.abc, bearer.def', '', 'abc'],
    // As proxies send them: a header line each.
    [['whiteboard.v1', 'bearer.abc'], 'whiteboard.v1', 'abc'],
    [['bearer.abc', 'whiteboard.v1'], 'whiteboard.v1', 'abc'],
    [['yjs, bearer.abc', 'other', 'whiteboard.v1,bearer.def'], 'whiteboard.v1', 'abc'],
  ])('%j speak %j and carry the token %s', async (offered, subprotocol, token) => {
    const found = await read(`/ws/${BOARD}`, { 'sec-websocket-protocol': offered })
    expect(found.subprotocol).toBe(subprotocol)
    expect(found.token).toBe(token)
  })

  test('carry a token that wins over the one of the URL', async () => {
    const headers = { 'sec-websocket-protocol': 'whiteboard.v1, bearer.abc' }
    expect((await read(`/ws/${BOARD}?token=def`, headers)).token).toBe('abc')
    expect((await read(`/ws/${BOARD}?token=def`)).token).toBe('def')
  })
})

describe('a key', () => {
  const key = newKeyValue(BOARD)

  test.each<[string, OutgoingHttpHeaders]>([
    [`/ws/${BOARD}`, { authorization: `Bearer ${key}` }],
    [`/ws/${BOARD}`, { 'sec-websocket-protocol': `whiteboard.v1, bearer.${key}` }],
    [`/ws/${BOARD}?token=abc`, { authorization: `Bearer ${key}` }],
  ])('is read as a hash, in place of a token and of cookies: %s %j', async (path, headers) => {
    const cookie = `mindfuse_session=${'x'.repeat(43)}`
    const found = await read(path, { ...headers, cookie })
    expect(found.key).toEqual({ hash: hashSessionToken(key) })
    expect(found).not.toHaveProperty('token')
    expect(found.sessionCookies).toEqual([])
    expect(JSON.stringify(found)).not.toContain(key)
  })

  test.each<[string, OutgoingHttpHeaders, string]>([
    [`/ws/${BOARD}?token=${key}`, {}, 'key_in_url'],
    [`/ws/${BOARD}?token=${key.slice(0, -1)}`, {}, 'key_in_url'],
    [`/ws/${BOARD}?token=${key}`, { authorization: 'Bearer abc' }, 'key_in_url'],
    [`/ws/${BOARD}`, { authorization: `Bearer ${key.slice(0, -1)}` }, 'key_invalid'],
    [`/ws/${BOARD}`, { 'sec-websocket-protocol': `yjs, bearer.${key}a` }, 'key_invalid'],
  ])('that nobody need be asked about: %s %j is %s', async (path, headers, refused) => {
    const found = await read(path, headers)
    expect(found.key).toEqual({ refused })
    expect(found).not.toHaveProperty('token')
    expect(JSON.stringify(found)).not.toContain(key.slice(0, -1))
  })
})

describe('the session cookies', () => {
  const cookie = `theme=dark; mindfuse_session=${'x'.repeat(43)}`
  const cookies = [{ name: 'mindfuse_session', hash: expect.any(String) }]

  test('are read, as hashes, where there is no token', async () => {
    const found = await read(`/ws/${BOARD}`, { cookie })
    expect(found.sessionCookies).toEqual(cookies)
    expect(JSON.stringify(found)).not.toContain('xxx')
  })

  test.each<[string, OutgoingHttpHeaders]>([
    [`/ws/${BOARD}?token=abc`, {}],
    [`/ws/${BOARD}?token=`, {}],
    [`/ws/${BOARD}`, { authorization: 'Bearer abc' }],
    [`/ws/${BOARD}`, { 'sec-websocket-protocol': 'yjs, bearer.abc' }],
  ])('do not count beside a token: %s %j', async (path, headers) => {
    expect((await read(path, { ...headers, cookie })).sessionCookies).toEqual([])
  })

  test.each<[OutgoingHttpHeaders, boolean]>([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{}, false],
  ])('of a plain GET with %j: of this origin is %j', async (headers, expected) => {
    expect((await read(`/ws/${BOARD}`, headers)).isSameOriginGet).toBe(expected)
  })
})

test('the digest of what the client holds is read from the query', async () => {
  expect((await read(`/ws/${BOARD}?digest=47DEQpj8HBSa-_`)).digest).toBe('47DEQpj8HBSa-_')
  expect((await read(`/ws/${BOARD}`)).digest).toBeUndefined()
})

describe('the headers', () => {
  test('are read, whatever the case of their names', async () => {
    const found = await read(`/ws/${BOARD}`, {
      Origin: 'https://whiteboard.example',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'SEC-WEBSOCKET-PROTOCOL': 'whiteboard.v1',
      'sec-websocket-extensions': 'permessage-deflate',
    })
    expect(found).toEqual({
      address: '192.0.2.1',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      boardId: BOARD,
      isForChannels: false,
      sessionCookies: [],
      isSameOriginGet: false,
      origin: 'https://whiteboard.example',
      webSocketKey: 'dGhlIHNhbXBsZSBub25jZQ==',
      subprotocol: 'whiteboard.v1',
      webSocketExtensions: 'permessage-deflate',
    })
  })

  test('that are missing are empty; no origin is undefined, which no page is', async () => {
    expect(await read(`/ws/${BOARD}`)).toEqual({
      address: '192.0.2.1',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      boardId: BOARD,
      isForChannels: false,
      sessionCookies: [],
      isSameOriginGet: false,
      webSocketKey: '',
      subprotocol: '',
      webSocketExtensions: '',
    })
  })

  test('an origin of null is an origin', async () => {
    expect((await read('/ws', { origin: 'null' })).origin).toBe('null')
  })
})
