import { StartupError } from '@mindfuse/service-kit'
import { migrateDown, migrateUp } from './migrate.ts'
import { runDatabaseCli } from './run-cli.ts'

// npm run db:migrate, npm run db:rollback
await runDatabaseCli('migrate', async (db, log) => {
  const direction = process.argv[2]
  if (direction === 'up') log.info({ applied: await migrateUp(db) }, 'database is up to date')
  else if (direction === 'down') log.info({ undone: await migrateDown(db) }, 'step undone')
  else throw new StartupError('usage: migrate-cli.js up|down')
})
