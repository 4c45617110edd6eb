import { createTestDatabase } from '@mindfuse/testing'
import { inject } from 'vitest'
import { test as base } from '../support/process-fixtures.ts'
import { createCluster, findSystemPostgres } from '../support/system-postgres.ts'

const binaries = await findSystemPostgres()

/** Databases as they are run. A PostgreSQL of the test's own can be stopped and started again. */
export const test = base
  /** A database without tables. */
  .extend('empty', async ({ task: _ }, { onCleanup }) => {
    const template = Object.assign(new URL(inject('templateUrl')), { pathname: '/template0' })
    const database = await createTestDatabase(template.href)
    onCleanup(() => database.drop())
    return database
  })
  .extend('postgres', async ({ task, skip }, { onCleanup }) => {
    if (!binaries) return skip(`${task.name} needs a PostgreSQL of the system`)
    const cluster = await createCluster(binaries)
    onCleanup(() => cluster.remove())
    const { directory } = cluster
    await cluster.run('initdb', ['-D', directory, '-U', 'mindfuse', '-A', 'trust', '--no-sync'])
    return cluster
  })
