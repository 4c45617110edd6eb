import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  callApi,
  connectRaw,
  createBoard,
  eventually,
  type RawClient,
  type SignedIn,
  signIn,
} from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findProgram } from '../support/apt.ts'
import { pickPort } from '../support/ports.ts'
import { type Stack, startStack } from '../support/stack.ts'

const CONFIGURATION = fileURLToPath(new URL('../../deploy/nginx/', import.meta.url))

/** So many that both gateways get some, whatever their ids. */
const BOARDS = 16

const nginx = await findProgram(['/usr/sbin/nginx', '/usr/local/sbin/nginx'], 'nginx-light')

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mindfuse-nginx-'))
  await cp(CONFIGURATION, directory, { recursive: true })
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Changes a file of the configuration, every place of which has to be there. */
async function change(file: string, replacements: Record<string, string>): Promise<void> {
  let text = await readFile(join(directory, file), 'utf8')
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`${from} is not in ${file}`)
    text = text.replaceAll(from, to)
  }
  await writeFile(join(directory, file), text)
}

/** Puts addresses in the place of names that only Compose knows. */
const pointAt = (api: string, gateways: [string, string]) =>
  change('upstreams.conf', {
    'api:8080': api,
    'realtime:8081': gateways[0],
    'realtime-2:8081': gateways[1],
  })

/** What nginx prints goes to a file: what Node makes for a pipe is a socket, which is no /dev/stdout. */
const logFile = () => join(directory, 'log')
const printed = () => readFileSync(logFile(), 'utf8')
const runNginx = (args: string[]): ChildProcess => {
  const log = openSync(logFile(), 'a')
  const child = spawn(nginx!, ['-c', join(directory, 'nginx.conf'), ...args], {
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return child
}

describe.skipIf(!nginx)('deploy/nginx', () => {
  const check = async () => {
    const child = runNginx(['-t'])
    await new Promise((resolve) => child.once('exit', resolve))
    const text = printed()
    await rm(logFile())
    return text
  }

  test('is a configuration that nginx takes, with TLS too', async () => {
    await pointAt('127.0.0.1:1', ['127.0.0.1:2', '127.0.0.1:3'])
    expect(await check()).toContain('test is successful')

    const [certificate, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
    const request = 'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=mindfuse.example'
    execFileSync('openssl', [...request.split(' '), '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    })
    await change('nginx.conf', { 'server.conf': 'server.tls.conf' })
    await change('server.tls.conf', {
      '/etc/nginx/tls/fullchain.pem': certificate,
      '/etc/nginx/tls/privkey.pem': key,
    })
    expect(await check()).toContain('test is successful')
  })
})

describe.skipIf(!nginx)('nginx before two gateways', () => {
  let stack: Stack
  let ada: SignedIn
  let server: ChildProcess
  let origin: string
  let exited: Promise<unknown>
  const clients: RawClient[] = []
  beforeAll(async () => {
    stack = await startStack({ gateways: 2 })
    ada = await signIn(stack.apiUrl, 'ada@example.com')
  })
  beforeEach(async () => {
    const port = await pickPort()
    origin = `http://127.0.0.1:${port}`
    await change('server.conf', { 'listen 8080': `listen ${port}` })
    // Several on one machine have a file each.
    await change('nginx.conf', { '/tmp/nginx.pid': join(directory, 'nginx.pid') })
    await change('http.conf', { ' /tmp/nginx-': ` ${directory}/` })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    server.kill('SIGTERM')
    await exited
  })
  afterAll(() => stack.stop())

  const start = async () => {
    server = runNginx(['-g', 'daemon off; user root;'])
    exited = new Promise((resolve) => server.once('exit', resolve))
    await eventually('nginx answers', async () => {
      if (server.exitCode !== null) throw new Error(printed())
      return (await fetch(`${origin}/health`)).ok
    })
  }
  const hosts = () => stack.realtimeUrls.map((url) => new URL(url).host) as [string, string]
  const connect = async (path: string) => {
    const client = await connectRaw(`${origin.replace('http', 'ws')}${path}`)
    clients.push(client)
    await eventually('the gateway speaks', () => client.frames.length > 0)
  }
  const rooms = () =>
    Promise.all(
      hosts().map(async (host) => (await callApi(`http://${host}/health`)).body.rooms as number),
    )

  test('opens a board on one gateway, whichever form its address has', async () => {
    await pointAt(new URL(stack.apiUrl).host, hosts())
    await start()
    const token = ada.accessToken
    for (let i = 0; i < BOARDS; i++) {
      const boardId = await createBoard(stack.apiUrl, token)
      await connect(`/ws/${boardId}?token=${token}`)
      await connect(`/ws?token=${token}&boardId=${boardId}`)
    }
    const [first, second] = await rooms()
    expect(first! + second!).toBe(BOARDS)
    expect(Math.min(first!, second!)).toBeGreaterThan(0)

    await eventually('all is logged', () => printed().includes('GET /health'))
    expect(printed()).not.toContain(token)
  })

  test('takes another gateway where one does not answer', async () => {
    const [up] = hosts()
    await pointAt(new URL(stack.apiUrl).host, [`127.0.0.1:${await pickPort()}`, up])
    await start()
    const { accessToken } = ada
    for (let i = 0; i < BOARDS; i++) {
      const boardId = await createBoard(stack.apiUrl, accessToken)
      await connect(`/ws/${boardId}?token=${accessToken}`)
    }
  })

  test('keeps /internal, /metrics and /ready inside, and passes the rest on', async () => {
    await pointAt(new URL(stack.apiUrl).host, hosts())
    await start()
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${origin}${path}`, init)).status
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

  test('logs neither the token of an invite nor the code of a sign-in', async () => {
    await pointAt(new URL(stack.apiUrl).host, hosts())
    await start()
    await fetch(`${origin}/api/invites/invite-token`)
    await fetch(`${origin}/api/invites/invite-token/accept`, { method: 'POST' })
    await fetch(`${origin}/invites/invite-token`)
    await fetch(`${origin}/api/auth/google/callback?code=the-code&state=the-state`)
    await eventually('all is logged', () => printed().includes('/api/auth/google/callback'))
    expect(printed()).toContain('"POST /api/invites/***/accept"')
    expect(printed()).toContain('"GET /invites/***"')
    expect(printed()).not.toMatch(/invite-token|the-code|the-state/)
  })
})
