import { setTimeout as delay } from 'node:timers/promises'
import { callApi, connectWhiteboard, eventually, signIn, startRedis } from '@mindfuse/testing'
import { expect } from 'vitest'
import { lostEdits } from '../faults/checks.ts'
import { storedDocument } from '../faults/document-of.ts'
import { fingerprint, idsIn } from '../faults/edits.ts'
import { createRandom } from '../faults/random.ts'
import { StockTab } from '../faults/stock-tab.ts'
import type { Tab } from '../faults/tab.ts'
import { WhiteboardTab } from '../faults/whiteboard-tab.ts'
import { Pauses } from '../support/pauses.ts'
import { addMember } from '../support/people.ts'
import { pickPort } from '../support/ports.ts'
import { LOSSES, PostgresPair } from '../support/postgres-pair.ts'
import { test as base, INTERNAL_SECRET } from '../support/process-fixtures.ts'
import { startServices } from '../support/services.ts'
import { findSystemPostgres } from '../support/system-postgres.ts'

const HOST = '127.0.0.1'

/** How often each tab draws, and a board is created, milliseconds. */
const EDIT_EVERY_MS = 50
const REQUEST_EVERY_MS = 200

const FAILOVERS = Number(process.env.FAILOVERS ?? 2)
const SEED = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** For a busy machine, milliseconds. */
const TEST_MS = 90_000 * (1 + FAILOVERS)

const binaries = await findSystemPostgres()

const test = base
  .extend('pair', async ({ task: _ }, { onCleanup }) => {
    const pair = await PostgresPair.start(binaries!)
    onCleanup(() => pair.stop())
    return pair
  })
  .extend('redisUrl', async ({ task: _ }, { onCleanup }) => {
    const redis = await startRedis({ port: await pickPort() })
    onCleanup(() => redis.stop())
    return redis.url
  })
  /** An API and two gateways. */
  .extend('places', async ({ pair, redisUrl }, { onCleanup }) => {
    const ports = { api: await pickPort(), realtime: await pickPort(), identity: await pickPort() }
    const services = await startServices({
      databaseUrl: pair.url,
      redisUrl,
      ports,
      environment: { INTERNAL_SECRET, PUBLIC_METRICS: '1' },
    })
    onCleanup(async () => void (await services.stop()))
    const apiUrl = `http://localhost:${ports.api}`
    return { apiUrl, gatewayUrl: `http://${HOST}:${ports.realtime}`, processes: services.processes }
  })
  .extend('gateways', async ({ places, redisUrl, start }) => {
    const port = await pickPort()
    const second = start('apps/realtime/dist/main.js', {
      REALTIME_HOST: HOST,
      REALTIME_PORT: `${port}`,
      REDIS_URL: redisUrl,
      API_INTERNAL_URL: places.apiUrl,
      INTERNAL_SECRET,
      PUBLIC_METRICS: '1',
    })
    await second.untilPrinted(/gateway ready/)
    const urls = [places.gatewayUrl, `http://${HOST}:${port}`]
    return { urls, processes: [...places.processes, second] }
  })

/** Boards that somebody creates one after another, and what becomes of each request. */
class Requests {
  readonly created: string[] = []
  readonly failures: Record<string, number> = {}
  /** When the last one began that succeeded. */
  lastSuccessFrom = 0
  readonly #timer: NodeJS.Timeout

  constructor(url: string, token: string) {
    this.#timer = setInterval(() => void this.#create(url, token), REQUEST_EVERY_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #create(url: string, token: string): Promise<void> {
    const from = performance.now()
    const kind = await callApi(url, { token, body: { name: 'Board' } }).then(
      ({ status, body }) => {
        if (status !== 201) return `${status} ${body.code}`
        this.created.push(body.id)
        this.lastSuccessFrom = Math.max(this.lastSuccessFrom, from)
        return undefined
      },
      (error) => `${error.cause?.code ?? error}`,
    )
    if (kind) this.failures[kind] = (this.failures[kind] ?? 0) + 1
  }
}

test.skipIf(!binaries)(
  'after a failover to a synchronous standby both services go on by themselves, with all that was acknowledged',
  async ({ pair, places: { apiUrl }, gateways: { urls, processes }, onTestFinished }) => {
    const random = createRandom(SEED)
    const [here, there] = urls.map((url) => `${url.replace('http', 'ws')}/ws`) as [string, string]
    const ada = await signIn(apiUrl, 'ada@example.com')
    const { body } = await callApi(`${apiUrl}/api/workspaces`, { token: ada.accessToken })
    const boardsUrl = `${apiUrl}/api/workspaces/${body.items[0].id}/boards`
    const boardId = (
      await callApi(boardsUrl, { token: ada.accessToken, body: { name: 'Drawn on' } })
    ).body.id as string

    const tabOptions = (name: string, url: string) => ({
      ...{ name, boardId, token: ada.accessToken, realtimeUrl: () => url, random },
    })
    const pens = [
      new WhiteboardTab(tabOptions('a', here)),
      new WhiteboardTab(tabOptions('b', there)),
    ]
    const tabs: Tab[] = [...pens, new StockTab(tabOptions('c', there))]
    const drawing = setInterval(() => {
      for (const tab of tabs) tab.write()
    }, EDIT_EVERY_MS)
    const requests = new Requests(boardsUrl, ada.accessToken)
    onTestFinished(() => {
      clearInterval(drawing)
      requests.stop()
      for (const tab of tabs) tab.kill()
    })
    const edits = () => tabs.flatMap((tab) => tab.edits)
    /** What was acknowledged as saved and is not in the database. */
    const lost = async () => {
      const saved = edits().filter(({ isSaved }) => isSaved)
      const stored = await storedDocument((text, values) => pair.query(text, values), boardId)
      return lostEdits(saved, edits(), stored)
    }
    await eventually('everybody draws', () => pens.every(({ edits: [first] }) => first?.isSaved))

    const pauses = new Pauses()
    for (let i = 0; i < FAILOVERS; i++) {
      const loss = LOSSES[i % LOSSES.length]!
      const guest = await signIn(apiUrl, `guest-${i}@example.com`)
      await addMember({ database: pair }, boardId, guest, 'editor')
      const join = () =>
        connectWhiteboard({ realtimeUrl: there, boardId, token: guest.accessToken })
      const client = await join()
      await delay(random.between(0, 1_000))
      const member = `${apiUrl}/api/boards/${boardId}/members/${guest.user.id}`
      const removal = await callApi(member, { token: ada.accessToken, method: 'DELETE' })
      expect(removal.status).toBe(204)
      await delay(random.between(0, 300))

      const lostAt = performance.now()
      await pair.lose(loss)
      const isRefused = expect(join()).rejects.toHaveProperty('status')
      const marks = tabs.map((tab) => tab.edits.length)
      await eventually('people go on drawing together', () =>
        tabs.every(({ doc }) => {
          const seen = idsIn(doc)
          return tabs.every((tab, j) =>
            tab.edits.slice(marks[j]).some(({ kind, id }) => kind === 'add' && seen.has(id)),
          )
        }),
      )
      await delay(random.between(0, 2_000))
      await pair.promote()
      const movedAt = performance.now()
      await eventually(
        'what is drawn is saved again',
        () => pens.every((pen) => pen.edits.some((edit) => edit.isSaved && edit.madeAt > lostAt)),
        60_000,
      )
      pauses.add(`${loss}, until edits were saved again`, performance.now() - lostAt)
      pauses.add(
        `${loss}, of that from the moment when the address moved`,
        performance.now() - movedAt,
      )
      await eventually('boards are created again', () => requests.lastSuccessFrom > lostAt, 60_000)
      pauses.add(`${loss}, until boards were created again`, performance.now() - lostAt)

      await isRefused
      await expect(join()).rejects.toMatchObject({ status: 404 })
      expect(client.closed).toBeDefined()
      expect(await lost()).toEqual([])
      await pair.rejoin()
    }

    clearInterval(drawing)
    requests.stop()
    await eventually('everything is saved', () => tabs.every(({ isSettled }) => isSettled))
    await eventually(
      'all see the same',
      () => new Set(tabs.map(({ doc }) => fingerprint(doc))).size === 1,
    )
    expect(await lost()).toEqual([])
    const text = 'SELECT count(*)::int FROM boards WHERE id = ANY($1)'
    const [{ count }] = await pair.query(text, [requests.created])
    expect(count).toBe(requests.created.length)
    expect(pens.flatMap(({ faults }) => faults)).toEqual([])
    expect(processes.map(({ child }) => child.exitCode)).toEqual(processes.map(() => null))
    for (const url of urls) {
      const metrics = await (await fetch(`${url}/metrics`)).text()
      expect(metrics).toContain('\nrealtime_lost_positions_total 0\n')
    }
    process.stdout.write(
      `${FAILOVERS} failovers of PostgreSQL, seed ${SEED}\n${pauses}` +
        `  ${edits().filter(({ isSaved }) => isSaved).length} edits saved and kept, ` +
        `${count} boards created and kept; failed requests: ${JSON.stringify(requests.failures)}\n`,
    )
  },
  TEST_MS,
)
