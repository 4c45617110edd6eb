import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '@mindfuse/api'
import {
  createBoard,
  eventually,
  type SignedIn,
  signIn,
  someFail,
  startS3Server,
} from '@mindfuse/testing'
import { expect, test } from 'vitest'
import type { AssetStore } from '../../apps/api/src/assets/store/asset-store.ts'
import { openDirectoryStore } from '../../apps/api/src/assets/store/directory-store.ts'
import { openS3Store } from '../../apps/api/src/assets/store/s3-store.ts'
import { sweep } from '../../apps/api/src/retention/left-over-assets.ts'
import { removeReleasedAssets } from '../../apps/api/src/retention/released-assets.ts'
import { filePath, newPicture, type TestFile, upload } from '../support/files.ts'
import { startProcess } from '../support/process.ts'
import type { Link } from './link.ts'
import { createRandom, type Random } from './random.ts'
import { World } from './world.ts'

const SEED = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))
/** How long faults go on, with each store; without this, a short time with one of them. */
const { ASSET_FAULT_SECONDS } = process.env
const SECONDS = Number(ASSET_FAULT_SECONDS ?? 12)

const BOARDS = 3
const FILES = 20
const PEOPLE = 7

/** How long somebody waits for an answer, milliseconds. */
const PATIENCE_MS = 5_000

/** A store that can be killed. */
interface Subject {
  open(): Promise<AssetStore>
  environment: Record<string, string>
  /** Does to it what a crash does; where there is nothing of its own to crash, nothing. */
  crash(downMs: number): Promise<void>
  /** From here on it does what it is asked to. */
  heal(): void
  close(): Promise<void>
}

const SUBJECTS: Record<string, () => Promise<Subject>> = {
  async directory() {
    const dir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
    return {
      open: () => openDirectoryStore(dir),
      environment: { ASSETS_DIR: dir },
      crash: async () => undefined,
      heal: () => undefined,
      close: () => rm(dir, { recursive: true }),
    }
  },
  async bucket() {
    const server = await startS3Server()
    server.faultOf = someFail(0.1)
    const { url: endpoint, bucket, account } = server
    return {
      open: () => openS3Store({ endpoint, bucket, prefix: '', pathStyle: true, ...account }),
      environment: {
        ASSETS_S3_ENDPOINT: endpoint,
        ASSETS_S3_BUCKET: bucket,
        ASSETS_S3_REGION: account.region,
        ASSETS_S3_ACCESS_KEY_ID: account.accessKeyId,
        ASSETS_S3_SECRET_ACCESS_KEY: account.secretAccessKey,
        ASSETS_S3_PATH_STYLE: 'true',
      },
      async crash(downMs) {
        await server.stop()
        await delay(downMs)
        await server.listen()
      },
      heal() {
        server.faultOf = () => undefined
      },
      close: () => server.close(),
    }
  },
}

/** The status of an answer; undefined where there was none. */
const statusOf = (answer: Promise<Response>): Promise<number | undefined> =>
  answer.then(
    ({ status }) => status,
    () => undefined,
  )

const TRIED = Object.entries(SUBJECTS).filter((_, i) => ASSET_FAULT_SECONDS || SEED % 2 === i)

test.each(TRIED)(
  `a killed API, database or %s leaves no row without bytes and no bytes without a row, with seed ${SEED}`,
  async (_, open) => {
    process.setMaxListeners(100)
    const subject = await open()
    const world = await World.start(subject.environment)
    const random = createRandom(SEED)
    const pool = openDatabase({ url: databaseUrl(world), poolSize: 4, onError: () => undefined })
    const store = await subject.open()
    try {
      const ada = await signIn(world.apiUrl, 'ada@example.com')
      const pictures = Array.from({ length: FILES }, () => newPicture(random.between(100, 400_000)))
      const places: Place[] = []
      const keptPlaces: Place[] = []
      for (let i = 0; i < BOARDS; i++) {
        const boardId = await createBoard(world.apiUrl, ada.accessToken)
        places.push(...pictures.map((picture) => ({ boardId, picture, isOwed: false })))
        // Nobody removes this one, so that some are there at the end however the rest went.
        const kept = { boardId, picture: newPicture(400_000), isOwed: true }
        expect((await upload(world, ada, boardId, kept.picture)).status).toBe(201)
        keptPlaces.push(kept)
      }
      const answers = new Map<string, number>()
      const count = (what: string) => void answers.set(what, (answers.get(what) ?? 0) + 1)
      await breakWhile(subject, world, random, () =>
        Promise.all(
          Array.from({ length: PEOPLE }, (_, i) => {
            const own = places.filter((_, place) => place % PEOPLE === i)
            return useFiles({ world, ada, places: own, random, count })
          }),
        ),
      )
      subject.heal()
      await world.heal()
      await Promise.all(world.apis.map((api) => api.untilReady()))

      const owed = await expectOwed(world, ada, [...places, ...keptPlaces])
      const { db } = pool
      await eventually('what was removed is gone', async () => {
        return (await removeReleasedAssets({ db, assets: store })).isLast
      })
      const rows = await db.selectFrom('assets').select('id').orderBy('id').execute()
      const ids = rows.map(({ id }) => id)
      const stored = await idsIn(store)
      expect(stored).toEqual(expect.arrayContaining(ids))
      expect(await sweep({ db, assets: store }, { leftOverDays: 0 })).toBe(
        stored.length - ids.length,
      )
      expect(await idsIn(store)).toEqual(ids)
      expect(world.takeFaults()).toEqual([])
      expect(owed).toBeGreaterThanOrEqual(keptPlaces.length)
      process.stdout.write(
        `${ids.length} files, ${stored.length - ids.length} left over, ${owed} read; ` +
          `${[...answers]
            .map((answer) => answer.join(': '))
            .sort()
            .join(', ')}\n`,
      )
    } catch (error) {
      process.stdout.write(`${world.logs}\n`)
      throw error
    } finally {
      await store.close()
      await pool.close()
      await world.stop()
      await subject.close()
    }
  },
  120_000 + 2_000 * SECONDS,
)

/** A file and a board that it is put on and taken off. */
interface Place {
  boardId: string
  picture: TestFile
  /** Whether it has to be there; undefined once a removal was not answered, which may happen at any time. */
  isOwed: boolean | undefined
}

/** Uploads and removes until the time is over, at places of its own, each answer before the next request. */
async function useFiles(deps: {
  world: World
  ada: SignedIn
  places: readonly Place[]
  random: Random
  count: (what: string) => void
}): Promise<void> {
  const { world, ada, places, random, count } = deps
  const endsAt = performance.now() + SECONDS * 1_000
  while (performance.now() < endsAt) {
    const place = random.pick(places)
    const { boardId, picture } = place
    const signal = AbortSignal.timeout(PATIENCE_MS)
    if (random.chance(0.7)) {
      const status = await statusOf(upload(world, ada, boardId, picture, { signal }))
      count(`upload ${status}`)
      if (place.isOwed === false && (status === 200 || status === 201)) place.isOwed = true
    } else {
      const answer = fetch(`${world.apiUrl}${filePath(boardId, picture)}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${ada.accessToken}` },
        signal,
      })
      const status = await statusOf(answer)
      count(`removal ${status}`)
      if (status === 204) place.isOwed = false
      else if (status !== 404) place.isOwed = undefined
    }
    await delay(random.between(0, 100))
  }
}

/** The bytes of every place that has to have them are read. */
async function expectOwed(world: World, ada: SignedIn, places: readonly Place[]): Promise<number> {
  const owed = places.filter(({ isOwed }) => isOwed)
  for (const { boardId, picture } of owed) {
    const response = await fetch(`${world.apiUrl}${filePath(boardId, picture)}`, {
      headers: { authorization: `Bearer ${ada.accessToken}` },
    })
    expect(response.status).toBe(200)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.equals(picture.bytes)).toBe(true)
  }
  return owed.length
}

/** Lets faults happen, one after the other, for as long as something goes on. */
async function breakWhile(
  subject: Subject,
  world: World,
  random: Random,
  work: () => Promise<unknown>,
): Promise<void> {
  const startRetention = () =>
    startProcess('test/faults/asset-retention.mjs', {
      ...subject.environment,
      DATABASE_URL: databaseUrl(world),
    })
  let retention = startRetention()
  const faults: (() => unknown)[] = [
    ...world.apis.map((api) => () => api.kill(random.between(0, 300))),
    () => world.crashPostgres(random.between(0, 200)),
    () => world.postgres.killBackend(),
    () => subject.crash(random.between(0, 300)),
    () => linkOf(world, random.between(0, 1)).cut(random.between(50, 400)),
    async () => {
      await retention.stop('SIGKILL')
      retention = startRetention()
    },
  ]
  const working = { isOver: false }
  const done = work().finally(() => {
    working.isOver = true
  })
  while (!working.isOver) {
    await random.pick(faults)()
    await delay(random.between(200, 1_500))
    // Where nobody serves anything, there is nothing to break.
    await Promise.any(world.apis.map((api) => api.untilReady()))
  }
  await done
  await retention.stop('SIGKILL')
}

const linkOf = (world: World, api: number): Link =>
  world.links.find(({ name }) => name === `API ${api} → PostgreSQL`) as Link

/** PostgreSQL at an address that stays when it restarts. */
function databaseUrl(world: World): string {
  const url = new URL(world.postgres.url)
  url.port = `${linkOf(world, 0).port}`
  return url.href
}

/** The ids of all that a store has. */
async function idsIn(store: AssetStore): Promise<string[]> {
  const ids: string[] = []
  for await (const page of store.list()) ids.push(...page.map(({ key }) => key.id))
  return ids.sort()
}
