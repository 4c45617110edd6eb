import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  BUILT_WEB_APP,
  buildApi,
  loadWebApp,
  migrateUp,
  openDatabase,
  openDirectoryStore,
} from '@mindfuse/api'
import { lockDirectory, personOf, startIdentityProvider, startPostgres } from '@mindfuse/embedded'
import { buildGateway } from '@mindfuse/realtime'
import {
  createLogger,
  listenError,
  parseOrigins,
  requireFreeOnLoopback,
  resolvePort,
  StartupError,
  startInSteps,
} from '@mindfuse/service-kit'
import { createMemorySharedState } from '@mindfuse/shared-state'
import type { StandaloneConfig } from './config.ts'

/** The embedded identity provider believes everyone, so nobody from outside gets in. */
const HOST = 'localhost'

/** Connections to the embedded PostgreSQL. */
const DATABASE_POOL_SIZE = 20

/** Everybody here comes from one address, and load tests with them. */
const RATE_LIMIT_FACTOR = 10

/** What `users.oauth_provider` calls the local identity provider. */
const LOCAL_PROVIDER = 'local'

/** A running Mindfuse in one process. */
export interface Standalone {
  apiUrl: string
  realtimeUrl: string
  identityUrl: string
  /** Rejects when PostgreSQL ends although nobody stopped it. */
  failed: Promise<never>
  /** Ends everything in the reverse order of its start. */
  stop(): Promise<void>
}

/**
 * Starts both services on embedded stores: PostgreSQL from npm, shared state in memory, and an
 * identity provider in Google's place.
 *
 * @throws StartupError for a port or data directory in use; nothing is left running then
 */
export async function startStandalone(config: StandaloneConfig): Promise<Standalone> {
  const logOf = (service: string) => createLogger({ service, level: config.LOG_LEVEL })
  const log = logOf('standalone')
  return startInSteps(async (onStop) => {
    const lock = await lockDirectory(config.DATA_DIR)
    onStop(lock.release)
    // Known before a database is started, which takes seconds.
    await requireFreeOnLoopback(config.API_PORT, 'API_PORT')
    await requireFreeOnLoopback(config.REALTIME_PORT, 'REALTIME_PORT')

    const assets = await openDirectoryStore(join(config.DATA_DIR, 'assets'))
    onStop(() => assets.close())
    const identityProvider = await startIdentityProvider({
      port: 0,
      log: (line) => log.error(line),
    })
    onStop(identityProvider.stop)

    const postgresLog = logOf('postgres')
    const postgres = await startPostgres({
      dataDir: config.DATA_DIR,
      log: (line) => postgresLog.debug(line),
    })
    let isStopping = false
    const failed = new Promise<never>((_, reject) => {
      void postgres.ended.then(() => {
        if (!isStopping)
          reject(
            new StartupError('PostgreSQL exited unexpectedly; set LOG_LEVEL=debug for details'),
          )
      })
    })
    onStop(() => {
      isStopping = true
      return postgres.stop()
    })

    const database = openDatabase({
      url: postgres.url,
      poolSize: DATABASE_POOL_SIZE,
      onError: (error) => log.error({ err: error }, 'idle database connection failed'),
    })
    onStop(database.close)
    await migrateUp({ url: postgres.url })

    const sharedState = createMemorySharedState()
    const internalSecret = randomBytes(32).toString('base64url')
    const apiPort = await resolvePort(config.API_PORT, HOST)
    const apiUrl = `http://${HOST}:${apiPort}`
    const realtimePort = await resolvePort(config.REALTIME_PORT, HOST)
    const realtimeUrl = `ws://${HOST}:${realtimePort}/ws`
    await requireFreeOnLoopback(apiPort, 'API_PORT')
    await requireFreeOnLoopback(realtimePort, 'REALTIME_PORT')

    const webOrigins = parseOrigins(config.WEB_ORIGINS ?? apiUrl)
    // Who reaches this at all is on this machine, and may sign in as anybody.
    const allowLoopbackPages = true

    const api = await buildApi({
      database,
      sharedState,
      log: logOf('api'),
      publicUrl: apiUrl,
      webOrigins,
      allowLoopbackPages,
      web: await loadWebApp({
        ...{ dir: BUILT_WEB_APP, realtimeUrl },
        embedOrigins: config.EMBED_ORIGINS,
      }),
      internalSecret,
      publicMetrics: config.PUBLIC_METRICS,
      identityProviders: [
        {
          ...{ id: 'google', name: 'Mindfuse', issuer: identityProvider.issuer },
          ...{ clientId: 'local', clientSecret: 'local' },
          // The issuer's port is another one at every start; the people are the same.
          key: LOCAL_PROVIDER,
          trustEmail: true,
        },
      ],
      assets,
      admins: adminsOf(config.ADMIN_EMAILS),
      rateLimitFactor: RATE_LIMIT_FACTOR,
    })
    onStop(() => api.close())
    await api.listen({ port: apiPort, host: HOST }).catch((error) => {
      throw listenError(error, 'API_PORT', apiPort)
    })

    const gateway = buildGateway({
      sharedState,
      log: logOf('realtime'),
      webOrigins,
      allowLoopbackPages,
      apiUrl,
      internalSecret,
      publicMetrics: config.PUBLIC_METRICS,
    })
    onStop(gateway.stop)
    gateway.listen({ port: realtimePort, host: HOST })

    return {
      apiUrl,
      realtimeUrl,
      identityUrl: identityProvider.issuer,
      failed,
    }
  })
}

/** The identities of people, by their emails: the local identity provider derives one from the other. */
function adminsOf(emails: string | undefined): string[] {
  return (emails?.split(/, */) ?? []).flatMap((email) => {
    const person = personOf(email, null)
    return person ? [`${LOCAL_PROVIDER}:${person.sub}`] : []
  })
}
