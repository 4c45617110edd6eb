export { type ApiDeps, buildApi } from './app.ts'
export { createDatabase, type Database } from './db/database.ts'
export { migrateUp } from './db/migrate.ts'
