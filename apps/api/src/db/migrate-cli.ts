import { createLogger, loadConfig, runService, StartupError } from '@mindfuse/service-kit'
import { Type } from 'typebox'
import { apiConfigSchema } from '../config.ts'
import { migrateDown, migrateUp } from './migrate.ts'

// npm run db:migrate, npm run db:rollback
await runService(async (stopping) => {
  const schema = Type.Pick(apiConfigSchema, ['DATABASE_URL', 'MIGRATION_DATABASE_URL', 'LOG_LEVEL'])
  const config = loadConfig(schema, process.env)
  const log = createLogger({ service: 'migrate', level: config.LOG_LEVEL })
  const url = config.MIGRATION_DATABASE_URL ?? config.DATABASE_URL
  const options = { url, log, stopping }
  const direction = process.argv[2]
  if (direction === 'up') log.info({ applied: await migrateUp(options) }, 'database is up to date')
  else if (direction === 'down') log.info({ undone: await migrateDown(options) }, 'step undone')
  else throw new StartupError('usage: migrate-cli.js up|down')
  return { stop: async () => undefined }
})
