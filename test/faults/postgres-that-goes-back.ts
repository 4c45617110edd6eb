import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, startTcpProxy } from '@mindfuse/testing'
import { queryOnce } from '../support/query-once.ts'
import { createCluster } from '../support/system-postgres.ts'

/** How an earlier state of a database takes its place. */
export type WayBack = 'promotion' | 'restore'

/** A PostgreSQL, and another that takes its place and lacks what was committed last. */
export interface PostgresThatGoesBack {
  /** Leads to the one that serves at present. */
  url: string
  /** From now on, what is committed is not in the other one. */
  leaveBehind(): Promise<void>
  /** Kills the one that serves; the other takes its place. */
  goBack(): Promise<void>
  /** Runs a statement on the one that serves, once it takes writes. */
  query(text: string, values?: unknown[]): Promise<any[]>
  stop(): Promise<void>
}

/**
 * @param binaries those of a PostgreSQL of the system
 * @param way a standby with asynchronous replication is promoted, or a base backup restored
 */
export async function startPostgresThatGoesBack(
  binaries: string,
  way: WayBack,
): Promise<PostgresThatGoesBack> {
  const [primary, other] = [await createCluster(binaries), await createCluster(binaries)]
  let serving = primary
  const toServing = await startTcpProxy(() => [Number(new URL(serving.url('')).port)])
  const replication = await startTcpProxy(primary.url(''))
  const copyPrimary = () =>
    other.run('pg_basebackup', [
      ...['-D', other.directory, '-d', replication.through(primary.url('postgres'))],
      ...['-X', 'stream', '-c', 'fast', '--no-sync', ...(way === 'promotion' ? ['-R'] : [])],
    ])

  await primary.run('initdb', ['-D', primary.directory, '-U', 'mindfuse', '-A', 'trust', '-N'])
  await primary.start()
  if (way === 'promotion') {
    await copyPrimary()
    await other.start()
  }

  return {
    url: toServing.through(primary.url('postgres')),

    async leaveBehind() {
      if (way === 'restore') {
        await copyPrimary()
        return
      }
      const [{ lsn }] = await queryOnce(
        primary.url('postgres'),
        'SELECT pg_current_wal_lsn() AS lsn',
      )
      await eventually('the standby has everything', async () => {
        const text = 'SELECT pg_last_wal_replay_lsn() >= $1 AS has'
        return (await queryOnce(other.url('postgres'), text, [lsn]))[0].has
      })
      replication.refuse()
    },

    async goBack() {
      await primary.kill()
      if (way === 'promotion') {
        await other.run('pg_ctl', ['-D', other.directory, '-w', 'promote'])
      } else {
        // Restored as far as the backup has it, and then on a timeline of its own.
        await writeFile(join(other.directory, 'recovery.signal'), '')
        await other.start('-c restore_command=false')
      }
      serving = other
    },

    query: (text, values) =>
      eventually('PostgreSQL takes writes', async () => {
        const [{ waits }] = await queryOnce(
          serving.url('postgres'),
          'SELECT pg_is_in_recovery() AS waits',
        )
        return !waits && (await queryOnce(serving.url('postgres'), text, values))
      }) as Promise<any[]>,

    async stop() {
      await Promise.all([toServing.stop(), replication.stop()])
      await Promise.all([primary.remove(), other.remove()])
    },
  }
}
