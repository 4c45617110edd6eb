import { fileURLToPath } from 'node:url'
import { startIdentityProvider } from '@mindfuse/embedded'
import { CLOSE_CODES } from '@mindfuse/protocol'
import { createBoard, eventually, signIn, startRedis } from '@mindfuse/testing'
import { expect } from 'vitest'
import { lostEdits } from '../faults/checks.ts'
import { storedDocument } from '../faults/document-of.ts'
import { createRandom } from '../faults/random.ts'
import { WhiteboardTab } from '../faults/whiteboard-tab.ts'
import { pickPort } from '../support/ports.ts'
import type { ServiceProcess } from '../support/process.ts'
import { INTERNAL_SECRET } from '../support/process-fixtures.ts'
import { buildRelease, findRevision } from '../support/release.ts'
import { Endpoints } from './endpoints.ts'
import { test } from './fixtures.ts'
import { startRequests } from './steady-requests.ts'

/** The commit before the newest migration: there is no published release yet. */
const PREVIOUS = process.env.PREVIOUS_REVISION ?? '32840d75e6993015d0143a4548435e308c433999'

/** For building a release, and for the replacements on a busy machine, milliseconds. */
const TEST_MS = 900_000
const SETTLED_WITHIN_MS = 60_000

const HOST = '127.0.0.1'
const BOARDS = 4
const TABS_PER_BOARD = 3
const STROKE_INTERVAL_MS = 100

/** What each tab draws on top before the next thing happens. */
const STROKES = 10

const THIS_RELEASE = fileURLToPath(new URL('../../', import.meta.url))

const MIGRATE = 'apps/api/dist/db/migrate-cli.js'

/** Where a service runs, of one release after the other. */
interface Place {
  entry: string
  port: number
  environment: Record<string, string>
  /** Who sends it something. */
  fronts: Endpoints[]
  process?: ServiceProcess
}

test(
  'an upgrade of the previous release and its rollback lose no edit and fail no request',
  async ({ empty, start, skip, onTestFinished }) => {
    const revision = findRevision(PREVIOUS)
    if (!revision) return skip(`${PREVIOUS} is not in this checkout`)
    const previous = await buildRelease(revision)

    const redisPort = await pickPort()
    const redis = await startRedis({ port: redisPort })
    onTestFinished(() => redis.stop())
    const identity = await startIdentityProvider({ port: await pickPort() })
    onTestFinished(() => identity.stop())
    const ports = {
      people: await pickPort(),
      api: await pickPort(),
      gateways: await pickPort(),
    }
    // What people send to the API, what gateways do, and connections to gateways.
    const people = await Endpoints.open('http', ports.people)
    const inside = await Endpoints.open('tcp', ports.api)
    const sockets = await Endpoints.open('tcp', ports.gateways)
    onTestFinished(async () => {
      await Promise.all([people, inside, sockets].map((endpoints) => endpoints.close()))
    })
    const apiUrl = `http://${HOST}:${ports.people}`
    const realtimeUrl = `ws://${HOST}:${ports.gateways}/ws`

    const shared = { REDIS_URL: redis.url, INTERNAL_SECRET }
    const apis: Place[] = [await pickPort(), await pickPort()].map((port) => ({
      fronts: [people, inside],
      entry: 'apps/api/dist/main.js',
      port,
      environment: {
        ...shared,
        API_HOST: HOST,
        API_PORT: `${port}`,
        PUBLIC_API_URL: apiUrl,
        DATABASE_URL: empty.url,
        MIGRATE: '0',
        OIDC_ISSUER: identity.issuer,
        GOOGLE_CLIENT_ID: 'test',
        GOOGLE_CLIENT_SECRET: 'test',
        RATE_LIMIT_FACTOR: '1000',
      },
    }))
    const gateways: Place[] = [await pickPort(), await pickPort()].map((port) => ({
      fronts: [sockets],
      entry: 'apps/realtime/dist/main.js',
      port,
      environment: {
        ...shared,
        REALTIME_HOST: HOST,
        REALTIME_PORT: `${port}`,
        API_INTERNAL_URL: `http://${HOST}:${ports.api}`,
      },
    }))

    const run = async (place: Place, root = THIS_RELEASE) => {
      place.process = start(place.entry, place.environment, { root })
      await place.process.untilPrinted(/(api|gateway) ready/)
      await eventually(`${place.entry} is ready`, async () => {
        return (await fetch(`http://${HOST}:${place.port}/ready`)).ok
      })
      for (const front of place.fronts) front.add(place.port)
    }
    const migrate = async (direction: 'up' | 'down', root = THIS_RELEASE) => {
      const step = start(MIGRATE, { DATABASE_URL: empty.url }, { args: [direction], root })
      expect([await step.exitCode(), step.output()]).toEqual([0, expect.anything()])
      return JSON.parse(step.output().trim().split('\n').at(-1) ?? '')
    }

    await migrate('up', previous)
    await Promise.all(apis.map((api) => run(api, previous)))
    await Promise.all(gateways.map((gateway) => run(gateway, previous)))

    const team = await Promise.all(
      Array.from({ length: BOARDS }, async (_, i) => {
        const who = await signIn(apiUrl, `p${i}@example.com`)
        return { who, boardId: await createBoard(apiUrl, who.accessToken) }
      }),
    )
    const random = createRandom(1)
    const tabs = team.flatMap(({ who, boardId }) =>
      Array.from({ length: TABS_PER_BOARD }, (_, i) => {
        const token = who.accessToken
        const name = `${boardId}-${i}`
        return {
          boardId,
          tab: new WhiteboardTab({ name, boardId, token, random, realtimeUrl: () => realtimeUrl }),
        }
      }),
    )
    onTestFinished(() => {
      for (const { tab } of tabs) tab.kill()
    })
    const pen = setInterval(() => {
      for (const { tab } of tabs) tab.write()
    }, STROKE_INTERVAL_MS)
    onTestFinished(() => clearInterval(pen))
    const requests = startRequests(apiUrl, team)
    onTestFinished(() => requests.stop())
    /** Waits until everybody has drawn further, and that is saved. */
    const untilDrawn = () => {
      const marks = tabs.map(({ tab }) => ({ tab, count: tab.edits.length + STROKES }))
      return eventually(
        'everybody has drawn on',
        () =>
          marks.every(
            ({ tab, count }) =>
              tab.isConnected &&
              tab.edits.length >= count &&
              tab.edits.slice(0, count).every(({ isSaved }) => isSaved),
          ),
        SETTLED_WITHIN_MS,
      )
    }
    const replace = async (places: Place[], root = THIS_RELEASE) => {
      for (const place of places) {
        for (const front of place.fronts) await front.remove(place.port)
        expect(await place.process?.stop()).toBe(0)
        await run(place, root)
        await untilDrawn()
      }
    }

    await untilDrawn()
    const { applied } = await migrate('up')
    expect(applied.length).toBeGreaterThan(0)
    await untilDrawn()
    await replace(apis)
    await replace(gateways)

    await replace(gateways, previous)
    await replace(apis, previous)
    for (const step of applied.toReversed()) expect((await migrate('down')).undone).toBe(step)
    await untilDrawn()

    clearInterval(pen)
    await requests.stop()
    await eventually('all is saved', () => tabs.every(({ tab }) => tab.isSettled))
    const lost: string[] = []
    for (const { boardId } of team) {
      const edits = tabs.filter((it) => it.boardId === boardId).flatMap(({ tab }) => tab.edits)
      lost.push(...lostEdits(edits, edits, await storedDocument(empty.query, boardId)))
    }
    const closes = tabs.flatMap(({ tab }) => tab.closes.map(({ code }) => code))
    const outcomes = tabs.flatMap(({ tab }) => tab.attempts.map(({ outcome }) => outcome))
    const count = (values: readonly unknown[]) => {
      const counts: Record<string, number> = {}
      for (const value of values) counts[`${value}`] = (counts[`${value}`] ?? 0) + 1
      return counts
    }
    const edits = tabs.flatMap(({ tab }) => tab.edits)
    const figures = {
      edits: edits.length,
      requests: requests.count,
      ...{ connections: count(outcomes), closes: count(closes) },
    }
    process.stderr.write(`${JSON.stringify(figures)}\n`)
    expect(lost).toEqual([])
    expect(requests.failures).toEqual([])
    expect(tabs.flatMap(({ tab }) => tab.faults)).toEqual([])
    expect(new Set(closes)).toEqual(new Set([CLOSE_CODES.SERVICE_RESTART]))
  },
  TEST_MS,
)
