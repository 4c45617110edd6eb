import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { listenHost, resolvePort } from '@mindfuse/service-kit'
import { eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { makeDataDir } from '../support/data-dir.ts'
import { startProcess } from '../support/process.ts'
import { test as base } from '../support/process-fixtures.ts'

const FREE_PORTS = { API_PORT: '0', REALTIME_PORT: '0' }

const test = base
  .extend('standalone', ({ dataDir, start }) => (environment: Record<string, string> = {}) => {
    return start('apps/standalone/dist/main.js', {
      ...FREE_PORTS,
      DATA_DIR: dataDir,
      ...environment,
    })
  })
  /** One that runs for all tests of the file: no test stops it. */
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('running', { scope: 'file' }, async ({}, { onCleanup }) => {
    const dataDir = await makeDataDir()
    const environment = { ...FREE_PORTS, DATA_DIR: dataDir }
    const service = startProcess('apps/standalone/dist/main.js', environment)
    onCleanup(async () => {
      await service.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    const [, apiUrl = ''] = await service.untilPrinted(/API +(http:\S+)/)
    const [, realtimeUrl = ''] = await service.untilPrinted(/Gateway +(ws:\S+)/)
    await service.untilPrinted(/ready/)
    return { ...service, dataDir, apiUrl, realtimeUrl }
  })

/** Whether any process on this machine names our data directory: a database left behind would. */
function processesOf(directory: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => line.includes(directory) && !line.includes('ps -eo'))
}

async function occupy(host: string): Promise<{ port: number; server: Server }> {
  const server = createServer()
  const port = await resolvePort(0, host)
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return { port, server }
}

describe('npm start', () => {
  test('picks free ports for 0, and says which', async ({ running: { apiUrl } }) => {
    expect((await fetch(`${apiUrl}/health`)).status).toBe(200)
  })

  test('pages of this machine may use it on any port, and others do not', async ({ running }) => {
    const { apiUrl, realtimeUrl } = running
    const ask = async (origin: string) => {
      const headers = { origin }
      const [api, gateway] = await Promise.all([
        fetch(`${apiUrl}/api/auth/me`, { headers }),
        fetch(realtimeUrl.replace('ws:', 'http:'), { headers }),
      ])
      const { code } = (await gateway.json()) as { code: string }
      return { mayReadApi: api.headers.get('access-control-allow-origin') === origin, code }
    }
    for (const origin of [
      apiUrl,
      'http://localhost:5173',
      apiUrl.replace('localhost', '127.0.0.1'),
    ]) {
      expect(await ask(origin), origin).toEqual({ mayReadApi: true, code: 'token_required' })
    }
    expect(await ask('https://evil.example')).toEqual({
      mayReadApi: false,
      code: 'origin_not_allowed',
    })
    // Each service has a line that says what to set.
    await running.untilPrinted(/"service":"api".*"origin":"https:\/\/evil.example".*WEB_ORIGINS/)
    await running.untilPrinted(
      /"service":"realtime".*"origin":"https:\/\/evil.example".*WEB_ORIGINS/,
    )
  })

  test('WEB_ORIGINS adds origins of elsewhere', async ({ standalone }) => {
    const service = standalone({ WEB_ORIGINS: 'https://app.example' })
    const [, apiUrl] = await service.untilPrinted(/API +(http:\S+)/)
    const headers = { origin: 'https://app.example' }
    const response = await fetch(`${apiUrl}/api/auth/me`, { headers })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example')
  })

  test('a page at 127.0.0.1 is sent to localhost, where its cookies count', async ({
    running: { apiUrl },
  }) => {
    const page = `${apiUrl.replace('localhost', '127.0.0.1')}/boards/x?a=b`
    const response = await fetch(page, { redirect: 'manual' })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe(`${apiUrl}/boards/x?a=b`)
    expect((await fetch(`${apiUrl}/boards/x`, { redirect: 'manual' })).status).toBe(200)
  })

  test.for([
    ['API_PORT', '127.0.0.1'],
    ['API_PORT', '::1'],
    ['REALTIME_PORT', '127.0.0.1'],
    ['REALTIME_PORT', '::1'],
  ] as const)(
    '%s in use at %s is one line and exit 1',
    async ([setting, address], { standalone, dataDir, skip }) => {
      skip(address === '::1' && listenHost('::') !== '::', 'this machine has no IPv6')
      const { port, server } = await occupy(address)
      const service = standalone({ [setting]: `${port}` })
      expect(await service.exitCode()).toBe(1)
      expect(service.output().trim()).toBe(
        `port ${port} is in use: stop what listens there or set ${setting}`,
      )
      expect(processesOf(dataDir)).toEqual([])
      server.close()
    },
  )

  test('STOP-4: a data directory in use is one line and exit 1', async ({
    standalone,
    running,
  }) => {
    const { dataDir, child } = running
    const second = standalone({ DATA_DIR: dataDir })
    expect(await second.exitCode()).toBe(1)
    expect(second.output().trim()).toBe(
      `data directory ${dataDir} is in use by process ${child.pid}: stop it or set DATA_DIR`,
    )
  })

  test('STOP-3 STOP-5: starts again after it was killed, on the same data, and the signal that npm repeats does not cut the stop short', async ({
    standalone,
    dataDir,
  }) => {
    const first = standalone()
    await first.untilPrinted(/ready/)
    expect(processesOf(dataDir)).not.toEqual([])
    await first.stop('SIGKILL')
    const second = standalone()
    await second.untilPrinted(/ready/)
    second.child.kill('SIGINT')
    expect(await second.stop('SIGINT')).toBe(0)
    expect(second.output()).toMatch(/\n\n {2}Mindfuse has stopped. Everything is saved.\n$/)
    expect(second.output()).not.toContain('"level":50')
    expect(processesOf(dataDir)).toEqual([])
  })
})

describe('wrong configuration', () => {
  test.for<[entry: string, environment: Record<string, string>, names: string[]]>([
    [
      'apps/api/dist/main.js',
      { API_PORT: 'many', LOG_LEVEL: 'loud', INTERNAL_SECRET: 'short' },
      ['API_PORT', 'LOG_LEVEL', 'INTERNAL_SECRET', 'DATABASE_URL', 'REDIS_URL', 'GOOGLE_CLIENT_ID'],
    ],
    [
      'apps/realtime/dist/main.js',
      { REALTIME_PORT: '70000', WEB_ORIGINS: 'https://a.example/path' },
      ['REALTIME_PORT', 'WEB_ORIGINS', 'REDIS_URL', 'INTERNAL_SECRET'],
    ],
    ['apps/standalone/dist/main.js', { API_PORT: '-1', LOG_LEVEL: 'x' }, ['API_PORT', 'LOG_LEVEL']],
    ['packages/embedded/dist/identity/main.js', { IDENTITY_PORT: 'x' }, ['IDENTITY_PORT']],
  ])(
    'STOP-4: %s names every problem at once and exits 1',
    async ([entry, environment, names], { start }) => {
      const service = start(entry, environment)
      expect(await service.exitCode()).toBe(1)
      const isLogged = entry.startsWith('apps/api/') || entry.startsWith('apps/realtime/')
      if (isLogged) {
        expect(service.lastLine()).toMatchObject({ level: 60, code: 'invalid_settings' })
        expect(service.output().trimEnd()).not.toContain('\n')
      }
      const text = isLogged ? service.lastLine().msg : service.output()
      for (const name of names) expect(text).toContain(`\n  ${name} `)
      expect(service.output()).not.toContain('short')
      expect(service.output()).not.toContain('    at ')
    },
  )
})

describe('a gateway', () => {
  const environment = (port: number) => ({
    REALTIME_PORT: `${port}`,
    REDIS_URL: 'redis://127.0.0.1:1',
    INTERNAL_SECRET: 'x'.repeat(16),
    LOG_LEVEL: 'info',
  })

  test('STOP-4: does not share its port with a second one, and gives it free when it ends', async ({
    start,
  }) => {
    const port = await resolvePort(0, '127.0.0.1')
    const first = start('apps/realtime/dist/main.js', environment(port))
    await first.untilPrinted(/gateway listens/)
    const second = start('apps/realtime/dist/main.js', environment(port))
    expect(await second.exitCode()).toBe(1)
    expect(second.output()).toContain(`port ${port} is in use`)
    expect(await first.stop()).toBe(0)
    const third = start('apps/realtime/dist/main.js', environment(port))
    await third.untilPrinted(/gateway listens/)
    await eventually('it serves', async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok)
  })
})
