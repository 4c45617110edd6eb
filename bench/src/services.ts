import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startIdentityProvider, startPostgres } from '@mindfuse/embedded'
import { resolvePort } from '@mindfuse/service-kit'
import {
  callApi,
  createBoard,
  eventually,
  type SignedIn,
  signIn,
  startRedis,
} from '@mindfuse/testing'
import pg from 'pg'

const HOST = '127.0.0.1'
const INTERNAL_SECRET = 'bench-internal-secret'
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_TIMEOUT_MS = 60_000

/** Both services as processes of their own, on real PostgreSQL and a real Redis protocol. */
export interface Services {
  apiUrl: string
  /** Ends in `/ws`. */
  realtimeUrl: string
  pool: pg.Pool
  /** People who may edit the board. */
  people: SignedIn[]
  boardId: string
  /** Everything below a name in the gateway's `/metrics`, by its labels. */
  metrics(name: string): Promise<Map<string, number>>
  /** Memory of the gateway, bytes. */
  gatewayMemory(): Promise<number>
  stop(): Promise<void>
}

/** Starts everything, signs people in and makes a board for them. */
export async function startServices(options: { people: number }): Promise<Services> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mindfuse-bench-'))
  await chmod(dataDir, 0o755)
  const postgres = await startPostgres({ dataDir, log: () => undefined })
  const redis = await startRedis()
  const identityProvider = await startIdentityProvider({ port: 0 })
  const apiPort = await resolvePort(0, HOST)
  const apiUrl = `http://localhost:${apiPort}`
  const shared = {
    REDIS_URL: redis.url,
    INTERNAL_SECRET,
    WEB_ORIGINS: apiUrl,
    LOG_LEVEL: 'error',
  }
  const api = start('apps/api/dist/main.js', {
    ...shared,
    API_HOST: 'localhost',
    API_PORT: `${apiPort}`,
    DATABASE_URL: postgres.url,
    OIDC_ISSUER: identityProvider.issuer,
    GOOGLE_CLIENT_ID: 'bench',
    GOOGLE_CLIENT_SECRET: 'bench',
  })
  const realtimePort = await resolvePort(0, HOST)
  const gateway = start('apps/realtime/dist/main.js', {
    ...shared,
    REALTIME_HOST: HOST,
    REALTIME_PORT: `${realtimePort}`,
    API_INTERNAL_URL: apiUrl,
  })
  const httpUrl = `http://${HOST}:${realtimePort}`
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 })
  for (const url of [apiUrl, httpUrl]) {
    const isReady = async () => (await callApi(`${url}/ready`)).status === 200
    await eventually(`${url} is ready`, isReady, START_TIMEOUT_MS)
  }
  const people: SignedIn[] = []
  for (let i = 0; i < options.people; i++) {
    people.push(await signIn(apiUrl, `person${i}@example.com`))
  }
  const boardId = await createBoard(apiUrl, people[0]?.accessToken ?? '')
  for (const { user } of people.slice(1)) {
    const text = `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'editor')`
    await pool.query(text, [boardId, user.id])
  }
  return {
    apiUrl,
    realtimeUrl: `ws://${HOST}:${realtimePort}/ws`,
    pool,
    people,
    boardId,
    async metrics(name) {
      // The gateway may close an idle connection just when it is used again.
      const text = await eventually('the metrics come', async () =>
        (await fetch(`${httpUrl}/metrics`)).text(),
      )
      const lines = text.split('\n').filter((line) => line.startsWith(name))
      return new Map(
        lines.map((line) => {
          const at = line.lastIndexOf(' ')
          return [line.slice(name.length, at), Number(line.slice(at + 1))]
        }),
      )
    },
    async gatewayMemory() {
      const status = await readFile(`/proc/${gateway.pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
    },
    async stop() {
      await pool.end()
      for (const child of [gateway, api]) {
        child.kill('SIGTERM')
        if (child.exitCode === null) await once(child, 'exit')
      }
      await identityProvider.stop()
      await redis.stop()
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function start(entry: string, environment: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  return spawn(process.execPath, ['--enable-source-maps', entry], {
    cwd: ROOT,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/** The value below which such a share of all values is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
