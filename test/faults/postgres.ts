import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type EmbeddedPostgres, startPostgres } from '@mindfuse/embedded'
import { eventually } from '@mindfuse/testing'
import { makeDataDir } from '../support/data-dir.ts'
import { haltPostmaster, signalIfAlive } from '../support/postmaster.ts'
import { queryOnce } from '../support/query-once.ts'

/** How long it may take to start and recover, milliseconds: that is not what the trials are about. */
export const STARTS_WITHIN_MS = 60_000

/**
 * PostgreSQL that can be killed and frozen at any moment. It is as durable as a crash of its
 * processes asks for: nothing that it committed may be gone when it is back.
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
    for (const pid of await this.#halted()) signalIfAlive(pid, 'SIGKILL')
    await server.ended
  }

  /**
   * Kills the process behind one connection of the API: the server drops all and recovers. Settles once it
   * accepts connections again.
   */
  async killBackend(): Promise<void> {
    const [backend] = await this.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'mindfuse-api'
       ORDER BY state = 'idle', query_start DESC LIMIT 1`,
    ).catch(() => [])
    const server = this.#server
    if (!server || !backend) return
    signalIfAlive(backend.pid, 'SIGKILL')
    const isBack = async () => this.#server !== server || (await this.query('SELECT')).length === 1
    await eventually('PostgreSQL has recovered', isBack, STARTS_WITHIN_MS)
  }

  /** Stops all of its processes for a time: connections stay, new ones too, and nothing is answered. */
  async freeze(forMs: number): Promise<void> {
    const server = this.#server
    if (!server) return
    const pids = await this.#halted()
    for (const pid of pids) signalIfAlive(pid, 'SIGSTOP')
    await delay(forMs)
    // Another fault may have killed it meanwhile.
    if (this.#server !== server) return
    for (const pid of pids) signalIfAlive(pid, 'SIGCONT')
  }

  /** Runs one statement, past every service and link. */
  async query(text: string, values: unknown[] = []): Promise<any[]> {
    return queryOnce(this.url, text, values)
  }

  /** Starts on what the last one left, and recovers. */
  async start(): Promise<void> {
    this.#server = await eventually(
      'PostgreSQL starts',
      () => startPostgres({ dataDir: this.#dataDir, log: () => undefined }),
      STARTS_WITHIN_MS,
    )
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    await rm(this.#dataDir, { recursive: true, force: true })
  }

  #halted(): Promise<number[]> {
    return haltPostmaster(join(this.#dataDir, 'postgres', 'data'))
  }
}
