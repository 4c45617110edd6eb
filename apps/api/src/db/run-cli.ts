import { createLogger, type Logger, loadConfig, runService } from '@mindfuse/service-kit'
import { Type } from 'typebox'
import { apiConfigSchema } from '../config.ts'
import { type Database, openDatabase } from './database.ts'

/** Runs a command on the database that `DATABASE_URL` names, after which the process ends. */
export async function runDatabaseCli(
  service: string,
  command: (db: Database, log: Logger) => Promise<void>,
): Promise<void> {
  await runService(async () => {
    const schema = Type.Pick(apiConfigSchema, ['DATABASE_URL', 'DATABASE_POOLER', 'LOG_LEVEL'])
    const config = loadConfig(schema, process.env)
    const log = createLogger({ service, level: config.LOG_LEVEL })
    const { db, close } = openDatabase({
      url: config.DATABASE_URL,
      poolSize: 1,
      pooler: config.DATABASE_POOLER,
      onError: (error) => log.error({ err: error }, 'database connection failed'),
    })
    try {
      await command(db, log)
    } finally {
      await close()
    }
    return { stop: async () => undefined }
  })
}
