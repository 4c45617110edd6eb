import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { type Purpose, shareConnections } from '../connection-shares.ts'
import { Pool } from './pool.ts'
import type { Schema } from './schema.ts'
import { createPrepare, type Prepare, run } from './statements.ts'

/** Typed access to Postgres. A transaction is a `Database` too. */
export type Database = Kysely<Schema>

/** How long a statement may run, milliseconds. */
const STATEMENT_TIMEOUT_MS = 10_000

/**
 * How long a query waits for an answer, milliseconds: a little longer than the server may take for
 * it. A connection that is half-open, as after a failed host or router, never answers.
 */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1_000

/**
 * How long a transaction may stand idle, milliseconds. The server cannot distinguish a client that is
 * gone from one that is slow, and keeps its locks: a locked board's row stops all drawing on it.
 */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000

/** How long a request waits for a free connection, milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000

/**
 * How long an idle connection is kept, milliseconds. When a host fails, all of them are half-open: a retry after
 * {@link ANSWER_TIMEOUT_MS}, or a little earlier as from a gateway, must not get another one.
 */
const IDLE_TIMEOUT_MS = ANSWER_TIMEOUT_MS / 2

/**
 * How long a statement of the internal pool waits for a lock, milliseconds: it appends to one of many
 * boards, which need the connection. The gateway sends the board again.
 */
const INTERNAL_LOCK_TIMEOUT_MS = 100

/** What PostgreSQL calls its timeouts, milliseconds. */
interface Timeouts {
  statement_timeout: number
  idle_in_transaction_session_timeout: number
  lock_timeout?: number
}

const TIMEOUTS: Timeouts = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
}

/** What stands between the API and PostgreSQL. */
export type Pooler = 'none' | 'transaction'

/** Connections for one purpose. */
export interface DatabasePool {
  db: Database
  /** Most connections there are. */
  size: number
  /** How many connections there are, how many are idle, and how many requests wait for one. */
  stats(): { total: number; idle: number; waiting: number }
}

/** A pool for each purpose. */
export interface DatabasePools extends Record<Purpose, DatabasePool> {
  /** That of the requests. */
  db: Database
  close(): Promise<void>
}

/** `bigint` arrives as a string because it may not fit a number; our sequences and versions do. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

/**
 * Opens the pools; no connection is made before the first query.
 *
 * @param options.poolSize most connections of all pools together
 * @param options.pooler whether the address is a pooler's, which gives a connection of PostgreSQL to each
 * transaction: then nothing may last longer than one, neither settings nor prepared statements
 * @param options.onError called when an idle connection breaks; the pool replaces it by itself
 */
export function openDatabase(options: {
  url: string
  poolSize: number
  pooler?: Pooler | undefined
  onError: (error: Error) => void
}): DatabasePools {
  const shares = shareConnections(options.poolSize)
  const open = (purpose: Purpose, timeouts?: Partial<Timeouts>) =>
    openPool({
      connectionString: options.url,
      max: shares[purpose],
      pooler: options.pooler ?? 'none',
      onError: options.onError,
      timeouts: { ...TIMEOUTS, ...timeouts },
    })
  const requests = open('requests')
  const urgent = open('urgent')
  const internal = open('internal', { lock_timeout: INTERNAL_LOCK_TIMEOUT_MS })
  const publishing = open('publishing')
  return {
    ...{ requests, urgent, internal, publishing },
    db: requests.db,
    async close() {
      const pools = [requests, urgent, internal, publishing]
      await Promise.all(pools.map(({ db }) => db.destroy()))
    },
  }
}

function openPool({
  onError,
  pooler,
  timeouts,
  ...config
}: pg.PoolConfig & {
  max: number
  pooler: Pooler
  timeouts: Timeouts
  onError: (error: Error) => void
}): DatabasePool {
  const isPooled = pooler === 'transaction'
  const pool = new Pool({
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    application_name: 'mindfuse-api',
    types,
    ...config,
    // A pooler refuses parameters of a session, which would be everybody's.
    ...(!isPooled && timeouts),
  })
  // PostgreSQL may end while the connections of a pool that ended still say goodbye.
  pool.on('error', (error) => {
    if (!pool.ending) onError(error)
  })
  // The pool listens to idle connections alone. One that breaks in use rejects its query
  // and emits an event, which would end the process without a listener.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const prepare = createPrepare({ isNamed: !isPooled })
  const begin = isPooled ? beginWith(timeouts) : BEGIN
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: preparing(pool, prepare, begin) }),
  })
  directReads.set(db, async (text, values) => (await run(pool, prepare(text, values))).rows)
  return {
    db,
    size: config.max,
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  }
}

/** Runs a statement as it is, and returns its rows. */
export type DirectRead = (text: string, values: unknown[]) => Promise<unknown[]>

const directReads = new WeakMap<Database, DirectRead>()

/**
 * The way to the pool around Kysely, which takes a third off what a small query costs; undefined
 * for a transaction, whose statements have to stay on its connection.
 */
export function directRead(db: Database): DirectRead | undefined {
  return directReads.get(db)
}

/** How Kysely begins a transaction. */
const BEGIN = 'begin'

/** The same with the timeouts of the transaction, in one message. */
function beginWith(timeouts: Timeouts): string {
  const settings = Object.entries(timeouts).map(([name, ms]) => `; SET LOCAL ${name} = ${ms}`)
  return BEGIN + settings.join('')
}

/** The pool as Kysely sees it, with every statement that has parameters prepared. */
function preparing(pool: pg.Pool, prepare: Prepare, begin: string): PostgresPool {
  return {
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const query = async (text: string, values: unknown[]) => {
        try {
          return await run(client, prepare(text === BEGIN ? begin : text, values))
        } catch (error) {
          // Not the statement failed but the connection: the rollback must not wait for it, too.
          if (!(error instanceof pg.DatabaseError)) void (client as pg.Client & typeof client).end()
          throw error
        }
      }
      // Kysely's type also knows cursors, which nothing here uses.
      return { query, release: () => client.release() } as unknown as PostgresPoolClient
    },
  }
}
