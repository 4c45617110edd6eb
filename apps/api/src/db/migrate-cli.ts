import { createLogger, loadConfig, runService, StartupError } from '@mindfuse/service-kit'
import { Type } from 'typebox'
import { apiConfigSchema } from '../config.ts'
import { openDatabase } from './database.ts'
import { migrateDown, migrateUp } from './migrate.ts'

// npm run db:migrate, npm run db:rollback
await runService(async () => {
  const config = loadConfig(Type.Pick(apiConfigSchema, ['DATABASE_URL', 'LOG_LEVEL']), process.env)
  const log = createLogger({ service: 'migrate', level: config.LOG_LEVEL })
  const { db, close } = openDatabase({
    url: config.DATABASE_URL,
    poolSize: 1,
    onError: (error) => log.error({ err: error }, 'database connection failed'),
  })
  try {
    const direction = process.argv[2]
    if (direction === 'up') log.info({ applied: await migrateUp(db) }, 'database is up to date')
    else if (direction === 'down') log.info({ undone: await migrateDown(db) }, 'step undone')
    else throw new StartupError('usage: migrate-cli.js up|down')
  } finally {
    await close()
  }
  return { stop: async () => undefined }
})
