import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startIdentityProvider, startPostgres } from '@mindfuse/embedded'
import { NODE_FLAGS, resolvePort } from '@mindfuse/service-kit'
import { callApi, eventually, startRedis } from '@mindfuse/testing'
import { Redis } from 'ioredis'
import pg from 'pg'
import { cpuMs, cpuMsWithChildren, parentOf } from './process-stats.ts'

const HOST = '127.0.0.1'
const INTERNAL_SECRET = 'bench-internal-secret'
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_TIMEOUT_MS = 60_000

/**
 * The nice value of the API and of PostgreSQL. They share a core with the load, where users have
 * machines of their own: what the load sends in time should not wait for edits to be stored.
 */
const BACKGROUND_NICENESS = 10

/** The command that runs a Node program with arguments. */
export type Launch = (...args: string[]) => [command: string, args: string[]]

/** A gateway, a process of its own. */
export interface Gateway {
  pid: number
  /** Where its HTTP routes are. */
  url: string
  port: number
  stop(): Promise<void>
}

/** All that gateways need beside them, as processes of their own: the real things. */
export interface Backend {
  apiUrl: string
  apiPid: number
  pool: pg.Pool
  startGateway(launch?: Launch): Promise<Gateway>
  /** CPU time of each so far, milliseconds. */
  cpuMs(): Promise<{ api: number; postgres: number; redis: number }>
  /** Stops what was started here, gateways too. */
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL, a server of the Redis protocol, the identity provider and the API. A signal that
 * ends this process ends them first.
 */
export async function startBackend(options: { niceness?: number } = {}): Promise<Backend> {
  const { niceness = BACKGROUND_NICENESS } = options
  /** What to stop, the last first. */
  const started: (() => Promise<void>)[] = []
  const stop = async () => {
    for (let stopLast = started.pop(); stopLast; stopLast = started.pop()) await stopLast()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(1)))
  }
  try {
    return { ...(await startParts(started, niceness)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(
  started: (() => Promise<void>)[],
  niceness: number,
): Promise<Omit<Backend, 'stop'>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mindfuse-bench-'))
  started.push(() => rm(dataDir, { recursive: true, force: true }))
  await chmod(dataDir, 0o755)
  const postgres = await startPostgres({ dataDir, log: () => undefined })
  started.push(() => postgres.stop())
  const pool = new pg.Pool({ connectionString: postgres.url, max: 2 })
  started.push(() => pool.end())
  const { rows } = await pool.query('SELECT pg_backend_pid() AS pid')
  // Before anybody else connects: processes have the niceness of the one that starts them.
  setPriority(parentOf(rows[0].pid), niceness)
  const redis = await startRedis()
  started.push(() => redis.stop())
  const identityProvider = await startIdentityProvider({ port: 0 })
  started.push(() => identityProvider.stop())
  const apiPort = await resolvePort(0, HOST)
  const apiUrl = `http://localhost:${apiPort}`
  const shared = {
    REDIS_URL: redis.url,
    INTERNAL_SECRET,
    WEB_ORIGINS: apiUrl,
    LOG_LEVEL: 'error',
  }
  const api = start(onAnyCore, 'apps/api/dist/main.js', {
    ...shared,
    API_HOST: 'localhost',
    API_PORT: `${apiPort}`,
    DATABASE_URL: postgres.url,
    OIDC_ISSUER: identityProvider.issuer,
    GOOGLE_CLIENT_ID: 'bench',
    GOOGLE_CLIENT_SECRET: 'bench',
  })
  started.push(() => terminate(api))
  setPriority(api.pid as number, niceness)
  await untilReady(apiUrl)
  return {
    apiUrl,
    apiPid: api.pid as number,
    pool,
    async startGateway(launch = onAnyCore) {
      const port = await resolvePort(0, HOST)
      const settings = {
        ...shared,
        REALTIME_HOST: HOST,
        REALTIME_PORT: `${port}`,
        PUBLIC_METRICS: '1',
        API_INTERNAL_URL: apiUrl,
      }
      const child = start(launch, 'apps/realtime/dist/main.js', settings)
      const stop = () => terminate(child)
      started.push(stop)
      const url = `http://${HOST}:${port}`
      await untilReady(url)
      return { pid: child.pid as number, url, port, stop }
    },
    async cpuMs() {
      const { rows } = await pool.query('SELECT pg_backend_pid() AS pid')
      return {
        api: cpuMs(api.pid as number),
        postgres: cpuMsWithChildren(parentOf(rows[0].pid)),
        redis: await redisCpuMs(redis.url),
      }
    },
  }
}

const onAnyCore: Launch = (...args) => [process.execPath, args]

function start(launch: Launch, entry: string, environment: Record<string, string>): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  const [command, args] = launch(...(NODE_FLAGS[entry] ?? []), '--enable-source-maps', entry)
  return spawn(command, args, {
    cwd: ROOT,
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/** Ends a process that was started here, and waits until it has gone. */
export async function terminate(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function redisCpuMs(url: string): Promise<number> {
  const client = new Redis(url)
  try {
    const info = await client.info('cpu')
    const seconds = [...info.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].map((m) => Number(m[1]))
    return 1_000 * seconds.reduce((sum, value) => sum + value, 0)
  } finally {
    client.disconnect()
  }
}

async function untilReady(url: string): Promise<void> {
  const isReady = async () => (await callApi(`${url}/ready`)).status === 200
  await eventually(`${url} is ready`, isReady, START_TIMEOUT_MS)
}
