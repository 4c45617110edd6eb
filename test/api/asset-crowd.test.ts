import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createBoard, createTestDatabase, signIn, someFail, startS3Server } from '@mindfuse/testing'
import { test as base, describe, expect, inject } from 'vitest'
import { filePath } from '../support/files.ts'
import { pickPort } from '../support/ports.ts'
import { startServices } from '../support/services.ts'

const MIB = 1024 * 1024

/** How many files are sent at once, by how many people, and how large each is. */
const UPLOADS = 200
const PEOPLE = 20
const BYTES = 5 * MIB

/** How much of all calls the failing server fails. */
const FAULTY_SHARE = 0.1

/** What the uploads may take of the memory of the API, and hold up its event loop, at the 99th percentile. */
const MEMORY_LIMIT_MIB = 64
const EVENT_LOOP_LIMIT_MS = 50

/** How often the API's memory is read, milliseconds. */
const SAMPLE_MS = 50

/** Somebody with a board. */
interface Person {
  apiUrl: string
  accessToken: string
  boardId: string
}

/** A place for assets: the settings of the API for it, and what is in it. */
interface Place {
  settings: Record<string, string>
  /** Names of all that is stored. */
  stored(): Promise<string[]>
  /** Names of what was received and not stored. */
  left(): Promise<string[]>
}

const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('dir', async ({}, { onCleanup }) => {
    const dir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
    onCleanup(() => rm(dir, { recursive: true }))
    return dir
  })
  .extend(
    'directory',
    ({ dir }): Place => ({
      settings: { ASSETS_DIR: dir },
      stored: () => filesIn(join(dir, 'objects')),
      left: () => filesIn(join(dir, 'incoming')),
    }),
  )
  .extend('bucket', async ({ dir }, { onCleanup }): Promise<Place> => {
    const server = await startS3Server()
    onCleanup(() => server.close())
    server.faultOf = someFail(FAULTY_SHARE)
    return {
      settings: {
        TMPDIR: dir,
        ASSETS_S3_ENDPOINT: server.url,
        ASSETS_S3_BUCKET: server.bucket,
        ASSETS_S3_REGION: server.account.region,
        ASSETS_S3_ACCESS_KEY_ID: server.account.accessKeyId,
        ASSETS_S3_SECRET_ACCESS_KEY: server.account.secretAccessKey,
      },
      stored: async () => server.keys.map((key) => key.split('/').at(-1) ?? ''),
      left: () => filesIn(dir),
    }
  })
  .extend('database', async ({ task: _ }, { onCleanup }) => {
    const database = await createTestDatabase(inject('templateUrl'))
    onCleanup(() => database.drop())
    return database
  })
  /** Starts the API on a place for assets, and reads its resident memory, MiB. */
  .extend('startOn', ({ database }, { onCleanup }) => async (place: Place) => {
    const ports = { api: await pickPort(), realtime: await pickPort(), identity: await pickPort() }
    const services = await startServices({
      databaseUrl: database.url,
      redisUrl: inject('redisUrl'),
      ports,
      environment: { ...place.settings, PUBLIC_METRICS: '1' },
    })
    onCleanup(async () => void (await services.stop()))
    const api = services.processes[1]!
    return { apiUrl: `http://localhost:${ports.api}`, memory: () => residentMib(api.child.pid!) }
  })

/** Names of all files in a directory and below. */
async function filesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

/** Resident memory of a process, MiB. */
function residentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

/** The 99th percentile of the event loop's delay since it was last read, milliseconds. */
async function eventLoopMs(apiUrl: string): Promise<number> {
  const metrics = await (await fetch(`${apiUrl}/metrics`)).text()
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(metrics)?.[1]) * 1_000
}

/** All files begin with these bytes: two hundred of them should not fill the memory of this process. */
const beginning = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(BYTES)])
const hash = createHash('sha256').update(beginning)

/** Sends a file that nobody has. @returns its path, and the answer */
function sendNew(person: Person): Promise<{ path: string; status: number; body: string }> {
  const end = randomBytes(16)
  const digest = hash.copy().update(end).digest('hex')
  const path = filePath(person.boardId, { digest })
  const headers = {
    authorization: `Bearer ${person.accessToken}`,
    'content-length': beginning.length + end.length,
  }
  return new Promise((resolve, reject) => {
    const sending = request(`${person.apiUrl}${path}`, { method: 'PUT', headers, agent: false })
    sending.once('response', (answer) => {
      const status = answer.statusCode ?? 0
      text(answer).then((body) => resolve({ path, status, body }), reject)
    })
    sending.once('error', reject)
    sending.write(beginning)
    sending.end(end)
  })
}

/** Whether a file can be read, and is what its digest says. */
async function isWhole({ apiUrl, accessToken }: Person, path: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const answer = await fetch(`${apiUrl}${path}`, { headers })
  const read = createHash('sha256').update(Buffer.from(await answer.arrayBuffer()))
  return path.endsWith(read.digest('hex'))
}

/** The highest of what is read while something happens. */
async function peakDuring(read: () => number, happens: Promise<unknown>): Promise<number> {
  let peak = read()
  const timer = setInterval(() => {
    peak = Math.max(peak, read())
  }, SAMPLE_MS)
  await happens.finally(() => clearInterval(timer))
  return peak
}

describe.skipIf(process.platform !== 'linux').each(['directory', 'bucket'] as const)(
  'two hundred files that are sent at once to a %s',
  (kind) => {
    test('are whole or refused, and cost little memory', { timeout: 300_000 }, async ({
      directory,
      bucket,
      database,
      startOn,
      annotate,
    }) => {
      const place = { directory, bucket }[kind]
      const { apiUrl, memory } = await startOn(place)
      const people: Person[] = []
      while (people.length < PEOPLE) {
        const { accessToken } = await signIn(apiUrl, `person${people.length}@example.com`)
        people.push({ apiUrl, accessToken, boardId: await createBoard(apiUrl, accessToken) })
      }
      // Code is compiled before, and connections are made.
      await Promise.all(people.map(sendNew))

      const before = memory()
      await eventLoopMs(apiUrl)
      const startedAt = performance.now()
      const crowd = Array.from({ length: UPLOADS }, (_, i) => people[i % PEOPLE]!)
      const sending = Promise.all(crowd.map(sendNew))
      const memoryMib = (await peakDuring(memory, sending)) - before
      const seconds = (performance.now() - startedAt) / 1_000
      const lagMs = await eventLoopMs(apiUrl)

      const answers = await sending
      const refused = answers.filter(({ status }) => status !== 201)
      const result = { stored: UPLOADS - refused.length, memoryMib, lagMs, seconds }
      await annotate(JSON.stringify(result))
      for (const { status, body } of refused)
        expect({ status, body }).toMatchObject({ status: 503 })
      const whole = answers.map(({ path, status }, i) => status !== 201 || isWhole(crowd[i]!, path))
      expect(new Set(await Promise.all(whole))).toEqual(new Set([true]))
      const rows = await database.query(
        'SELECT encode(digest, $1) || $2 || id AS name FROM assets',
        ['hex', '.'],
      )
      expect((await place.stored()).toSorted()).toEqual(rows.map(({ name }) => name).toSorted())
      expect(await place.left()).toEqual([])
      expect(rows).toHaveLength(PEOPLE + result.stored)
      expect(result).toMatchObject({
        memoryMib: expect.toSatisfy((mib: number) => mib < MEMORY_LIMIT_MIB),
        lagMs: expect.toSatisfy((ms: number) => ms < EVENT_LOOP_LIMIT_MS),
      })
    })
  },
)
