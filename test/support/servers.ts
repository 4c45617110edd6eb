import { rm } from 'node:fs/promises'
import { migrateUp } from '@mindfuse/api'
import { startPostgres } from '@mindfuse/embedded'
import { startRedis } from '@mindfuse/testing'
import type { TestProject } from 'vitest/node'
import { makeDataDir } from './data-dir.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated database without connections: the template of each test's own. */
    templateUrl: string
    redisUrl: string
  }
}

/** Starts what the integration tests share: one PostgreSQL and one Redis-protocol server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await makeDataDir()
  const [postgres, redis] = await Promise.all([
    startPostgres({ dataDir, log: () => undefined, fast: true }),
    startRedis(),
  ])
  await migrateUp({ url: postgres.url })
  project.provide('templateUrl', postgres.url)
  project.provide('redisUrl', redis.url)
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()])
    await rm(dataDir, { recursive: true, force: true })
  }
}
