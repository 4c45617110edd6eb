import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import {
  callApi,
  connectChannels,
  connectRaw,
  createBoard,
  eventually,
  type RawClient,
  type SignedIn,
  signIn,
} from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fileOf, newPicture, type TestFile, upload } from '../support/files.ts'
import { Nginx, nginx } from '../support/nginx.ts'
import { pickPort } from '../support/ports.ts'
import { type Stack, startStack } from '../support/stack.ts'

/** So many that both gateways get some, whatever their ids. */
const BOARDS = 16

let server: Nginx
beforeEach(async () => {
  server = await Nginx.create()
})
afterEach(() => server.remove())

describe.skipIf(!nginx)('deploy/nginx', () => {
  test('is a configuration that nginx takes, with TLS too', async () => {
    await server.pointAt(['127.0.0.1:1'], ['127.0.0.1:2', '127.0.0.1:3'])
    expect(await server.check()).toContain('test is successful')

    const [certificate, key] = [
      join(server.directory, 'cert.pem'),
      join(server.directory, 'key.pem'),
    ]
    const parameters = 'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=mindfuse.example'
    execFileSync('openssl', [...parameters.split(' '), '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    })
    await server.change('nginx.conf', { 'server.conf': 'server.tls.conf' })
    await server.change('server.tls.conf', {
      '/etc/nginx/tls/fullchain.pem': certificate,
      '/etc/nginx/tls/privkey.pem': key,
    })
    expect(await server.check()).toContain('test is successful')
  })
})

describe.skipIf(!nginx)('nginx before two gateways', () => {
  let stack: Stack
  let ada: SignedIn
  const clients: RawClient[] = []
  beforeAll(async () => {
    stack = await startStack({ gateways: 2 })
    ada = await signIn(stack.apiUrl, 'ada@example.com')
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy()
  })
  afterAll(() => stack.stop())

  const hosts = () => stack.realtimeUrls.map((url) => new URL(url).host) as [string, string]
  const connect = async (path: string) => {
    const client = await connectRaw(`${server.origin.replace('http', 'ws')}${path}`)
    clients.push(client)
    await eventually('the gateway speaks', () => client.frames.length > 0)
  }
  const rooms = () =>
    Promise.all(
      hosts().map(async (host) => (await callApi(`http://${host}/health`)).body.rooms as number),
    )

  test('opens a board on one gateway, whichever form its address has', async () => {
    await server.pointAt([new URL(stack.apiUrl).host], hosts())
    await server.start()
    const token = ada.accessToken
    for (let i = 0; i < BOARDS; i++) {
      const boardId = await createBoard(stack.apiUrl, token)
      await connect(`/ws/${boardId}?token=${token}`)
      await connect(`/ws?token=${token}&boardId=${boardId}`)
    }
    const [first, second] = await rooms()
    expect(first! + second!).toBe(BOARDS)
    expect(Math.min(first!, second!)).toBeGreaterThan(0)

    await eventually('all is logged', () => server.printed().includes('GET /health'))
    expect(server.printed()).not.toContain(token)
  })

  test('spreads connections for channels over the gateways', async () => {
    await server.pointAt([new URL(stack.apiUrl).host], hosts())
    await server.start()
    const realtimeUrl = `${server.origin.replace('http', 'ws')}/ws`
    for (let i = 0; i < BOARDS; i++) {
      const client = await connectChannels({ realtimeUrl, token: ada.accessToken })
      clients.push(client)
      await client.heard('hello')
    }
    const counts = await Promise.all(
      hosts().map(async (host) => (await callApi(`http://${host}/health`)).body.connections),
    )
    expect(counts[0] + counts[1]).toBe(BOARDS)
    expect(Math.min(...counts)).toBeGreaterThan(0)
  })

  test('takes another gateway where one does not answer', async () => {
    const [up] = hosts()
    await server.pointAt([new URL(stack.apiUrl).host], [`127.0.0.1:${await pickPort()}`, up])
    await server.start()
    const { accessToken } = ada
    for (let i = 0; i < BOARDS; i++) {
      const boardId = await createBoard(stack.apiUrl, accessToken)
      await connect(`/ws/${boardId}?token=${accessToken}`)
    }
  })

  test('lets the API refuse a body before it arrives, rather than keep it', async () => {
    await server.pointAt([new URL(stack.apiUrl).host], hosts())
    await server.start()
    const put = request(`${server.origin}/api/boards/${randomUUID()}/assets/${'0'.repeat(64)}`, {
      method: 'PUT',
      headers: { 'content-length': 20 * 1024 * 1024 },
    })
    put.on('error', () => undefined)
    put.write('only the beginning')
    const [answer] = await once(put, 'response', { signal: AbortSignal.timeout(10_000) })
    expect(answer.statusCode).toBe(401)
    put.destroy()

    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    const send = (file: TestFile) => upload({ apiUrl: server.origin }, ada, boardId, file)
    expect((await send(newPicture(20 * 1024 * 1024))).status).toBe(201)
    expect((await send(fileOf(Buffer.alloc(20 * 1024 * 1024)))).status).toBe(415)
  })

  test('keeps /internal, /metrics and /ready inside, and passes the rest on', async () => {
    await server.pointAt([new URL(stack.apiUrl).host], hosts())
    await server.start()
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${server.origin}${path}`, init)).status
    const authorization = `Internal-Secret ${stack.internalSecret}`
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    const permission = `/internal/boards/${boardId}/permission?userId=${ada.user.id}`
    const inside = await fetch(`${stack.apiUrl}${permission}`, { headers: { authorization } })
    expect(inside.status).toBe(200)
    for (const path of [
      permission,
      permission.replace('/internal', '//internal'),
      permission.replace('/internal', '/%69nternal'),
      permission.replace('/internal', '/x/../internal'),
      '/internal',
      '/metrics',
      '/ready',
    ]) {
      expect([path, await status(path, { headers: { authorization } })]).toEqual([path, 404])
    }
    expect(await status('/.well-known/jwks.json')).toBe(200)
    expect(await status('/openapi.json')).toBe(200)
    // A plain GET of a board's address reaches a gateway, and says what an upgrade would hear.
    expect(await status(`/ws/${boardId}`)).toBe(401)
    expect(await status(`/ws/${boardId}?token=${ada.accessToken}`)).toBe(426)
  })

  test('logs the request as the API does, and which one answered', async () => {
    const { host, port } = new URL(stack.apiUrl)
    await server.pointAt([host], hosts())
    await server.start()
    const own = { headers: { 'x-request-id': 'what-a-client-says' } }
    const { headers } = await fetch(`${server.origin}/api/auth/me`, own)
    const id = headers.get('x-request-id')
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    const line = new RegExp(
      `GET /api/auth/me" 401 .* request=${id} upstream=\\S+:${port} 0\\.\\d+s$`,
      'm',
    )
    await eventually('it is logged', () => line.test(server.printed()))
  })

  test('logs neither the token of an invite or a link nor the code of a sign-in', async () => {
    await server.pointAt([new URL(stack.apiUrl).host], hosts())
    await server.start()
    await fetch(`${server.origin}/api/invites/invite-token`)
    await fetch(`${server.origin}/api/invites/invite-token/accept`, { method: 'POST' })
    await fetch(`${server.origin}/invites/invite-token`)
    await fetch(`${server.origin}/api/links/link-token/open`, { method: 'POST' })
    await fetch(`${server.origin}/links/link-token`)
    await fetch(`${server.origin}/api/auth/google/callback?code=the-code&state=the-state`)
    await eventually('all is logged', () => server.printed().includes('/api/auth/google/callback'))
    expect(server.printed()).toContain('"POST /api/invites/***/accept"')
    expect(server.printed()).toContain('"GET /invites/***"')
    expect(server.printed()).toContain('"POST /api/links/***/open"')
    expect(server.printed()).toContain('"GET /links/***"')
    expect(server.printed()).not.toMatch(/invite-token|link-token|the-code|the-state/)
  })
})
