import { rm } from 'node:fs/promises'
import { migrateUp } from '@mindfuse/api'
import { startPostgres } from '@mindfuse/embedded'
import { startRedis } from '@mindfuse/testing'
import type { TestProject } from 'vitest/node'
import { makeDataDir } from './data-dir.ts'
import { commandInDebian13 } from './debian-13.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated database without connections: the template of each test's own. */
    templateUrl: string
    redisUrl: string
    /** Of the projects `react-18` and `react-19`. */
    reactRelease: number
    /** What the project runs on in place of the server of the system: a path in Debian 13. */
    redisServer?: string
  }
}

/** The name of no test. */
const NONE = /(?!)/

/** Starts what the tests of a project share: one PostgreSQL and one Redis-protocol server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { redisServer } = project.getProvidedContext()
  const command = redisServer && (await commandInDebian13(redisServer))
  if (redisServer && !command) project.config.testNamePattern = NONE
  const dataDir = await makeDataDir()
  const [postgres, redis] = await Promise.all([
    startPostgres({ dataDir, log: () => undefined, fast: true }),
    startRedis(command ? { command } : {}),
  ])
  await migrateUp({ url: postgres.url })
  project.provide('templateUrl', postgres.url)
  project.provide('redisUrl', redis.url)
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()])
    await rm(dataDir, { recursive: true, force: true })
  }
}
