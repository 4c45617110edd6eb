import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type EmbeddedPostgres, startPostgres } from '@mindfuse/embedded'
import { eventually } from '@mindfuse/testing'
import { Client } from 'pg'
import { makeDataDir } from '../support/data-dir.ts'

/**
 * PostgreSQL that can be killed at any moment. It is as durable as a crash of its processes asks
 * for: nothing that it committed may be gone when it is back.
 */
export class CrashablePostgres {
  readonly #dataDir: string
  #server: EmbeddedPostgres | undefined

  private constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  static async start(): Promise<CrashablePostgres> {
    const postgres = new CrashablePostgres(await makeDataDir())
    try {
      await postgres.start()
    } catch (error) {
      await postgres.stop()
      throw error
    }
    return postgres
  }

  /** The connection string of the server that runs, past every link. */
  get url(): string {
    if (!this.#server) throw new Error('PostgreSQL does not run')
    return this.#server.url
  }

  /** Where it listens, if it does: at another port after each start. */
  get ports(): number[] {
    return this.#server ? [Number(new URL(this.#server.url).port)] : []
  }

  /** Kills all of its processes at once; settles when they are gone. */
  async kill(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    const postmaster = await this.#postmaster()
    const children = await childrenOf(postmaster)
    for (const pid of [postmaster, ...children]) killIfAlive(pid)
    await server.ended
  }

  /** Kills the process behind one connection of the API: the server drops all and recovers. */
  async killBackend(): Promise<void> {
    const [backend] = await this.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'mindfuse-api'
       ORDER BY state = 'idle', query_start DESC LIMIT 1`,
    ).catch(() => [])
    if (backend) killIfAlive(backend.pid)
  }

  /** Runs one statement, past every service and link. */
  async query(text: string, values: unknown[] = []): Promise<any[]> {
    const client = new Client({ connectionString: this.url })
    // A server that is killed breaks the connection, too; the statement says so.
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query(text, values)).rows
    } finally {
      await client.end()
    }
  }

  /** Starts on what the last one left, and recovers. */
  async start(): Promise<void> {
    this.#server = await eventually(
      'PostgreSQL starts',
      () => startPostgres({ dataDir: this.#dataDir, log: () => undefined }),
      60_000,
    )
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    await rm(this.#dataDir, { recursive: true, force: true })
  }

  async #postmaster(): Promise<number> {
    const file = await readFile(join(this.#dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8')
    return Number.parseInt(file, 10)
  }
}

/** Each backend has a session of its own, so that no signal to a group reaches them all. */
async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return list.split(' ').filter(Boolean).map(Number)
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
