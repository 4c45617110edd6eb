import { randomBytes } from 'node:crypto'
import { startIdentityProvider } from '@mindfuse/embedded'
import { createBoard, eventually, signIn, startRedis } from '@mindfuse/testing'
import { afterEach, describe, expect, test } from 'vitest'
import type { Doc } from 'yjs'
import { pickPort } from '../support/ports.ts'
import { startProcess } from '../support/process.ts'
import { findSystemPostgres } from '../support/system-postgres.ts'
import { lostEdits } from './checks.ts'
import { storedDocument } from './document-of.ts'
import { startPostgresThatGoesBack, type WayBack } from './postgres-that-goes-back.ts'
import { createRandom } from './random.ts'
import { StockTab } from './stock-tab.ts'
import type { Tab, TabOptions } from './tab.ts'
import { WhiteboardTab } from './whiteboard-tab.ts'

const HOST = '127.0.0.1'

/** How many edits each tab makes at a time, and how often, milliseconds. */
const EDITS = 100
const EDIT_EVERY_MS = 5

const binaries = await findSystemPostgres()

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** An API and two gateways on a PostgreSQL that can go back, in processes of their own. */
async function startServices(databaseUrl: string) {
  const identityProvider = await startIdentityProvider({ port: await pickPort() })
  ends.push(() => identityProvider.stop())
  const redis = await startRedis({ port: await pickPort() })
  ends.push(() => redis.stop())
  const start = async (entry: string, readyUrl: string, environment: Record<string, string>) => {
    const service = startProcess(entry, environment)
    ends.push(() => service.stop('SIGKILL'))
    await eventually(`${entry} is ready`, async () => (await fetch(readyUrl)).ok, 60_000)
    return service
  }
  const shared = {
    INTERNAL_SECRET: randomBytes(16).toString('hex'),
    REDIS_URL: redis.url,
    LOG_LEVEL: 'error',
  }
  const apiPort = await pickPort()
  const apiUrl = `http://localhost:${apiPort}`
  await start('apps/api/dist/main.js', `http://${HOST}:${apiPort}/ready`, {
    ...shared,
    API_HOST: HOST,
    API_PORT: `${apiPort}`,
    PUBLIC_API_URL: apiUrl,
    DATABASE_URL: databaseUrl,
    OIDC_ISSUER: identityProvider.issuer,
    GOOGLE_CLIENT_ID: 'test',
    GOOGLE_CLIENT_SECRET: 'test',
    RATE_LIMIT_FACTOR: '1000',
  })
  const startGateway = async () => {
    const port = await pickPort()
    const service = await start('apps/realtime/dist/main.js', `http://${HOST}:${port}/ready`, {
      ...shared,
      REALTIME_HOST: HOST,
      REALTIME_PORT: `${port}`,
      API_INTERNAL_URL: `http://${HOST}:${apiPort}`,
    })
    return { ...service, url: `ws://${HOST}:${port}/ws` }
  }
  return { apiUrl, startGateway, gateways: [await startGateway(), await startGateway()] }
}

async function write(...tabs: Tab[]): Promise<void> {
  for (let i = 0; i < EDITS; i++) {
    for (const tab of tabs) tab.write()
    await new Promise((resolve) => setTimeout(resolve, EDIT_EVERY_MS))
  }
}

/** A board, and those who drew on it. */
interface Drawn {
  id: string
  tabs: Tab[]
}

/** What was acknowledged on a board and is missing in a document. */
function missing({ tabs }: Drawn, doc: Doc): string[] {
  const edits = tabs.flatMap((tab) => tab.edits)
  return lostEdits(
    edits.filter(({ isSaved }) => isSaved),
    edits,
    doc,
  )
}

describe.skipIf(!binaries)('PostgreSQL goes back: what anybody holds is read by everybody', () => {
  test.each<WayBack>(['promotion', 'restore'])('after a %s', async (way) => {
    const postgres = await startPostgresThatGoesBack(binaries!, way)
    ends.push(() => postgres.stop())
    const { apiUrl, gateways, startGateway } = await startServices(postgres.url)
    const [here, there] = gateways.map(({ url }) => url) as [string, string]
    const owner = await signIn(apiUrl, 'owner@example.com')
    const reader = await signIn(apiUrl, 'reader@example.com')
    const random = createRandom(1)
    const openBoard = async (): Promise<Drawn> => {
      const id = await createBoard(apiUrl, owner.accessToken)
      const text = `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'viewer')`
      await postgres.query(text, [id, reader.user.id])
      return { id, tabs: [] }
    }
    const open = (
      Kind: new (options: TabOptions) => Tab,
      board: Drawn,
      url: string,
      who = owner,
    ) => {
      const tab = new Kind({
        name: `tab ${ends.length}`,
        boardId: board.id,
        token: who.accessToken,
        realtimeUrl: () => url,
        random,
      })
      board.tabs.push(tab)
      ends.push(() => tab.kill())
      return tab
    }
    const settled = (tabs: Tab[]) =>
      eventually('everything is saved', () => tabs.every(({ isSettled }) => isSettled), 60_000)
    const lostOn = async (...boards: Drawn[]) => {
      const lost = boards.map(async (board) =>
        missing(board, await storedDocument(postgres.query, board.id)),
      )
      return (await Promise.all(lost)).flat().length
    }

    const [drawn, watched, left] = [await openBoard(), await openBoard(), await openBoard()]
    const authors = [open(WhiteboardTab, drawn, here), open(WhiteboardTab, drawn, there)]
    const leaving = [open(WhiteboardTab, watched, here), open(WhiteboardTab, left, there)]
    const watching = open(StockTab, watched, here, reader)
    await settled([...authors, ...leaving, watching])
    await write(...authors, ...leaving)
    await settled([...authors, ...leaving])
    await postgres.leaveBehind()
    await write(...authors, ...leaving)
    await settled([...authors, ...leaving])
    for (const tab of leaving) tab.kill()

    await postgres.goBack()
    const wentBackAt = performance.now()
    const gone = await lostOn(drawn, watched)
    // Somebody opens a board anew, and receives nothing of what is lost.
    const late = open(WhiteboardTab, watched, there)
    await write(...authors, late)
    await settled([...authors, late])
    const savedMs = performance.now() - wentBackAt
    await eventually('it is stored', async () => !(await lostOn(drawn, watched))).catch(() => 0)

    // Nobody is left who could bring anything.
    for (const tab of [...authors, late, watching]) tab.kill()
    await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')))
    const { url } = await startGateway()
    const unread: string[] = []
    for (const board of [drawn, watched]) {
      const newcomer = open(StockTab, board, url)
      await settled([newcomer])
      unread.push(...missing(board, newcomer.doc))
    }
    const count = [drawn, watched, left].flatMap(({ tabs }) => tabs.flatMap(({ edits }) => edits))
    process.stdout.write(
      `${way}: ${count.length} edits acknowledged. Of boards that are open ${gone} gone at first, ` +
        `${unread.length} at last; of another ${await lostOn(left)}. ` +
        `Saved again after ${Math.round(savedMs)} ms\n`,
    )
    expect(unread).toEqual([])
    expect(gone).toBeGreaterThan(2 * EDITS)
    expect([drawn, watched].flatMap(({ tabs }) => tabs.flatMap(({ faults }) => faults))).toEqual([])
  })
})
