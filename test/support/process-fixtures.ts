import { rm } from 'node:fs/promises'
import { createTestDatabase } from '@mindfuse/testing'
import { test as base, inject } from 'vitest'
import { makeDataDir } from './data-dir.ts'
import { type ServiceProcess, startProcess } from './process.ts'

/** What both services of a test have in their environment. */
export const INTERNAL_SECRET = 'x'.repeat(16)

/** A test that runs built services as processes, on a database of its own. */
export const test = base
  .extend('database', async ({ task: _ }, { onCleanup }) => {
    const database = await createTestDatabase(inject('templateUrl'))
    onCleanup(() => database.drop())
    return database
  })
  /** A directory for embedded stores. */
  .extend('dataDir', async ({ task: _ }, { onCleanup }) => {
    const directory = await makeDataDir()
    onCleanup(() => rm(directory, { recursive: true, force: true }))
    return directory
  })
  /** Starts a built service, which ends with the test at the latest: before what is named ahead of it. */
  .extend('start', ({ task: _ }, { onCleanup }) => {
    const started: ServiceProcess[] = []
    onCleanup(async () => {
      await Promise.all(started.map((service) => service.stop()))
    })
    return (...command: Parameters<typeof startProcess>): ServiceProcess => {
      const service = startProcess(...command)
      started.push(service)
      return service
    }
  })
  /** Starts the built API on the database. */
  .extend('startApi', ({ database, start }) => (environment: Record<string, string> = {}) => {
    return start('apps/api/dist/main.js', {
      API_HOST: '127.0.0.1',
      API_PORT: '0',
      DATABASE_URL: database.url,
      REDIS_URL: inject('redisUrl'),
      INTERNAL_SECRET,
      GOOGLE_CLIENT_ID: 'test',
      GOOGLE_CLIENT_SECRET: 'test',
      MIGRATE: '0',
      ...environment,
    })
  })
