import { connect, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { listenError, listenHost, resolvePort } from './ports.ts'
import { StartupError } from './startup-error.ts'

const HOST = '127.0.0.1'
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

function listen(port: number): Promise<Server> {
  const server = createServer()
  servers.push(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: HOST }, () => resolve(server))
  })
}

const portOf = (server: Server) => (server.address() as { port: number }).port

describe('resolvePort', () => {
  test('leaves a port as it is, also one that is taken', async () => {
    const taken = portOf(await listen(0))
    expect(await resolvePort(taken, HOST)).toBe(taken)
  })

  test('finds for 0 a port that can be listened on', async () => {
    const port = await resolvePort(0, HOST)
    expect(port).toBeGreaterThan(0)
    expect(portOf(await listen(port))).toBe(port)
  })

  test('says so where the address is not this machine', async () => {
    // TEST-NET-1 (RFC 5737), which no machine has.
    await expect(resolvePort(0, '192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
  })
})

describe('listenHost', () => {
  test('leaves an address as it is', () => {
    for (const host of ['127.0.0.1', '0.0.0.0', 'localhost', '::1']) {
      expect(listenHost(host)).toBe(host)
    }
  })

  test('is an address that this machine has, and IPv4 reaches it', async () => {
    const server = createServer()
    servers.push(server)
    await new Promise<void>((resolve) =>
      server.listen({ port: 0, host: listenHost('::') }, resolve),
    )
    await new Promise<void>((resolve, reject) => {
      const socket = connect(portOf(server), HOST, () => socket.end(resolve))
      socket.on('error', reject)
    })
  })
})

describe('listenError', () => {
  test('names the setting where the port is in use', async () => {
    const port = portOf(await listen(0))
    const error = await listen(port).catch((cause) => listenError(cause, 'API_PORT', port))
    expect(error).toBeInstanceOf(StartupError)
    expect((error as Error).message).toBe(
      `port ${port} is in use: stop what listens there or set API_PORT`,
    )
  })

  test('names the setting where the port is not ours to use', () => {
    const error = listenError(Object.assign(new Error(), { code: 'EACCES' }), 'API_PORT', 80)
    expect(error).toBeInstanceOf(StartupError)
    expect((error as Error).message).toBe('port 80 cannot be used by this user: set API_PORT')
  })

  test.each([Object.assign(new Error('x'), { code: 'EADDRNOTAVAIL' }), new Error('y')])(
    'leaves any other error as it is: %s',
    (error) => {
      expect(listenError(error, 'API_PORT', 80)).toBe(error)
    },
  )
})
