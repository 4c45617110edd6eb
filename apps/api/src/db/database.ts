import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Schema } from './schema.ts'

/** Typed access to Postgres. A transaction is a `Database` too. */
export type Database = Kysely<Schema>

/** How long a statement may run, milliseconds. */
const STATEMENT_TIMEOUT_MS = 10_000

/** How long a request waits for a free connection, milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000

/** `bigint` arrives as a string because it may not fit a number; our sequences and versions do. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

/**
 * A pool of connections; none is made before the first query. `destroy()` closes it.
 *
 * @param options.onError told when an idle connection breaks; the pool replaces it by itself
 */
export function createDatabase(options: {
  url: string
  poolSize: number
  onError: (error: Error) => void
}): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'mindfuse-api',
    types,
  })
  pool.on('error', options.onError)
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}
