import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, startTcpProxy, type TcpProxy } from '@mindfuse/testing'
import { haltPostmaster, signalIfAlive } from './postmaster.ts'
import { queryOnce } from './query-once.ts'
import { type Cluster, createCluster } from './system-postgres.ts'

/** How a primary is lost: its processes are killed, or its host is gone and resets no connection. */
export const LOSSES = ['killed', 'host gone'] as const
export type Loss = (typeof LOSSES)[number]

/** What a standby calls itself. */
const STANDBY = 'standby'

/** What pg_rewind needs, and a standby that follows a server which has rotated its log meanwhile. */
const REWINDABLE = 'wal_log_hints = on\nwal_keep_size = 256MB\n'

/** As long as a busy machine may take, milliseconds. */
const FOLLOWS_WITHIN_MS = 60_000

/**
 * A primary, a standby with synchronous replication, and an address that leads to the primary. It does what a
 * cluster manager does: while there is no standby, it turns synchronous replication off.
 */
export class PostgresPair {
  readonly #address: TcpProxy
  #primary: Cluster
  #standby: Cluster
  /** A primary that is lost, and its processes. */
  #lost: { directory: string; pids: number[] } | undefined

  private constructor(primary: Cluster, standby: Cluster, address: TcpProxy) {
    this.#primary = primary
    this.#standby = standby
    this.#address = address
  }

  /** @param binaries those of a PostgreSQL of the system */
  static async start(binaries: string): Promise<PostgresPair> {
    const [primary, standby] = [await createCluster(binaries), await createCluster(binaries)]
    const address = await startTcpProxy(() => [Number(new URL(pair.#primary.url('')).port)])
    const pair = new PostgresPair(primary, standby, address)
    await primary.run('initdb', ['-D', primary.directory, '-U', 'mindfuse', '-A', 'trust', '-N'])
    await appendFile(join(primary.directory, 'postgresql.conf'), REWINDABLE)
    await primary.start()
    await standby.run('pg_basebackup', [
      ...['-D', standby.directory, '-d', primary.url('postgres')],
      ...['-X', 'stream', '-c', 'fast', '--no-sync'],
    ])
    await pair.#follow()
    return pair
  }

  /** Leads to the server that is primary at present. */
  get url(): string {
    return this.#address.through(this.#primary.url('postgres'))
  }

  /** Runs a statement on the primary, past the address. */
  query(text: string, values?: unknown[]): Promise<any[]> {
    return queryOnce(this.#primary.url('postgres'), text, values)
  }

  /** Ends the primary; the address leads nowhere. */
  async lose(loss: Loss): Promise<void> {
    const { directory } = this.#primary
    const pids = await haltPostmaster(directory)
    this.#lost = { directory, pids }
    for (const pid of pids) signalIfAlive(pid, loss === 'killed' ? 'SIGKILL' : 'SIGSTOP')
    if (loss === 'host gone') this.#address.stall()
  }

  /** Makes the standby the primary, and moves the address there. */
  async promote(): Promise<void> {
    const [former, next] = [this.#primary, this.#standby]
    await next.run('pg_ctl', ['-D', next.directory, '-w', 'promote'])
    this.#primary = next
    this.#standby = former
    this.#address.sever()
    this.#address.pass()
  }

  /** Makes the former primary a synchronous standby; settles once commits wait for it. */
  async rejoin(): Promise<void> {
    await this.#bury()
    // Or pg_rewind takes the new timeline for the former.
    await this.query('CHECKPOINT')
    const { directory } = this.#standby
    const source = this.#primary.url('postgres')
    await this.#standby.run('pg_rewind', ['-D', directory, `--source-server=${source}`, '-N'])
    await this.#follow()
  }

  async stop(): Promise<void> {
    await this.#address.stop()
    await this.#bury()
    await Promise.all([this.#primary.remove(), this.#standby.remove()])
  }

  async #follow(): Promise<void> {
    const { directory } = this.#standby
    const { port } = new URL(this.#primary.url(''))
    await writeFile(join(directory, 'standby.signal'), '')
    await this.#standby.start(
      `-c "primary_conninfo=host=127.0.0.1 port=${port} user=mindfuse application_name=${STANDBY}"`,
    )
    const untilReplication = (state: string) =>
      eventually(
        `the standby is ${state}`,
        async () => {
          const rows = await this.query('SELECT state, sync_state FROM pg_stat_replication')
          return rows.some((row) => Object.values(row).includes(state))
        },
        FOLLOWS_WITHIN_MS,
      )
    await untilReplication('streaming')
    await this.query(`ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`)
    await this.query('SELECT pg_reload_conf()')
    await untilReplication('sync')
  }

  /** Ends what is left of a primary that is lost. */
  async #bury(): Promise<void> {
    if (!this.#lost) return
    const { directory, pids } = this.#lost
    for (const pid of pids) signalIfAlive(pid, 'SIGKILL')
    await eventually('its processes are gone', () => !pids.some((pid) => signalIfAlive(pid, 0)))
    await rm(join(directory, 'postmaster.pid'))
    this.#lost = undefined
  }
}
