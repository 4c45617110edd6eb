import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { resolvePort } from '@mindfuse/service-kit'
import { Client } from 'pg'
import { type Cluster, DATABASE_USER, openCluster } from './cluster.ts'
import { stopOrphan } from './orphan.ts'
import { choosePlace, type Place } from './place.ts'
import { type Server, spawnServer } from './server.ts'

/** Long enough for recovery after a crash; a usual start takes a few hundred ms. */
const START_DEADLINE_MS = 60_000
const RETRY_MS = 20
const CONNECT_TIMEOUT_MS = 2_000

/** Another process may take the picked port before the server does. */
const PORT_ATTEMPTS = 5

/** How to start. */
export interface PostgresOptions {
  /** Where the database lives, or is said to live; made where it is missing. Lock it first. */
  dataDir: string
  /** Called with every line of the server's own log, and with its paths. */
  log: (line: string) => void
  /** For tests: does without durability. */
  fast?: boolean
}

/** A running PostgreSQL with an empty or earlier database. */
export interface EmbeddedPostgres {
  /** A connection string, with password, for the owner of the database. */
  readonly url: string
  /** Settles when the server has ended, whether it was asked to or not. */
  readonly ended: Promise<void>
  /** Ends the server in order; settles when it has ended. May be called again. */
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL of our own on a free port of 127.0.0.1, on the database that an earlier
 * start with the same `dataDir` made, or on a new one. Settles when it accepts connections. The
 * caller holds the lock on `dataDir`: a server found running on it is taken for a leftover and
 * stopped.
 *
 * @throws StartupError for what the operator can mend, Error with the end of the server's log for
 * anything else.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { log, fast = false } = options
  const place = await choosePlace(resolve(options.dataDir))
  const cluster = await openCluster(place, { fast, log })
  await stopOrphan(place.binaries, cluster.directory, log)

  const { server, port } = await launch(place, cluster, { fast, log })
  log(`PostgreSQL runs on port ${port}, its data is in ${place.home}`)
  return {
    url: connectionString(cluster, port, DATABASE_USER),
    ended: server.ended,
    stop: server.stop,
  }
}

async function launch(
  place: Place,
  cluster: Cluster,
  options: { fast: boolean; log: (line: string) => void },
): Promise<{ server: Server; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await resolvePort(0, '127.0.0.1')
    const server = spawnServer(place, cluster.directory, { ...options, port })
    try {
      const client = await connect(server, connectionString(cluster, port, 'postgres'))
      await createDatabase(client).finally(() => client.end())
      return { server, port }
    } catch (error) {
      await server.stop()
      const portWasTaken = server.lastLines().includes('could not bind')
      if (!portWasTaken || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

/** Connects as soon as the server lets us. */
async function connect(server: Server, connection: string): Promise<Client> {
  const deadline = performance.now() + START_DEADLINE_MS
  for (;;) {
    const client = new Client({
      connectionString: connection,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    })
    // A connection lost between two queries; the next query says so.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (server.hasEnded()) throw new Error(`PostgreSQL does not start:\n${server.lastLines()}`)
      if (performance.now() > deadline) {
        throw new Error(`PostgreSQL does not accept connections:\n${server.lastLines()}`, {
          cause: error,
        })
      }
    }
    await Promise.race([server.ended, delay(RETRY_MS)])
  }
}

/** At every start, since the first may have ended right before this. */
async function createDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [
    DATABASE_USER,
  ])
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE_USER}`)
}

function connectionString(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${DATABASE_USER}:${cluster.password}@127.0.0.1:${port}/${database}`
}
