import {
  createLogger,
  listenError,
  listenHost,
  loadConfig,
  OutageLog,
  openTracer,
  parseOrigins,
  redisServerOf,
  releaseOf,
  resolvePort,
  runLoggedService,
  StartupError,
  startInSteps,
} from '@mindfuse/service-kit'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import { buildApi } from './app.ts'
import { openAssetStore } from './assets/store/open-store.ts'
import { adminsOf, apiConfigSchema, quotaLimitsOf } from './config.ts'
import { openDatabase } from './db/database.ts'
import { databaseReady } from './db/ready.ts'
import type { App } from './http/app.ts'
import { type InternalPort, openInternalPort } from './http/internal-port.ts'
import { providersOf } from './identity-providers.ts'
import type { InfrastructureDeps } from './infrastructure.ts'
import { buildWaitingApp } from './waiting-app.ts'
import { BUILT_WEB_APP, loadWebApp } from './web/web-app.ts'

/** Longer than proxies and gateways take between two requests on a connection that they use, milliseconds. */
const DRAIN_MS = 2_000

await runLoggedService('api', (stopping) =>
  startInSteps(async (onStop) => {
    const config = loadConfig(apiConfigSchema, process.env)
    const identityProviders = providersOf(config)
    const admins = adminsOf(config, identityProviders)
    const log = createLogger({ service: 'api', level: config.LOG_LEVEL })
    const host = listenHost(config.API_HOST)
    const port = await resolvePort(config.API_PORT, host)
    const publicUrl = config.PUBLIC_API_URL ?? `http://localhost:${port}`
    const assets = await openAssetStore(config)
    if (assets) onStop(() => assets.close())
    assets?.check().catch((error) => log.error({ err: error }, 'asset store cannot be reached'))
    const database = openDatabase({
      url: config.DATABASE_URL,
      poolSize: config.DATABASE_POOL_SIZE,
      pooler: config.DATABASE_POOLER,
      onError: (error) => log.error({ err: error }, 'idle database connection failed'),
    })
    onStop(database.close)
    const tracer = await openTracer(config, {
      service: 'api',
      onError: (error) => log.warn({ err: error }, 'spans cannot be sent'),
    })
    if (tracer) onStop(tracer.close)
    const outage = new OutageLog({
      log,
      failed: 'dragonfly connection failed',
      recovered: 'dragonfly is reached again',
    })
    const sharedState = createDragonflySharedState({
      ...redisServerOf(config),
      onError: (error) => outage.fail(error),
      onConnected: () => outage.recover(),
    })
    onStop(sharedState.close)

    const deps: InfrastructureDeps = {
      database,
      sharedState,
      log,
      tracer,
      publicUrl,
      webOrigins: parseOrigins(config.WEB_ORIGINS ?? publicUrl),
      internalSecret: config.INTERNAL_SECRET,
      previousInternalSecret: config.INTERNAL_SECRET_PREVIOUS,
      internalPort: config.API_INTERNAL_PORT,
      publicMetrics: config.PUBLIC_METRICS,
      release: releaseOf(config),
      identityProviders,
      trustedProxies: config.TRUSTED_PROXIES,
      rateLimitFactor: config.RATE_LIMIT_FACTOR,
      documentWorkers: config.DOCUMENT_WORKERS || undefined,
      quotaLimits: quotaLimitsOf(config),
      assets,
      auditRetentionDays: config.AUDIT_RETENTION_DAYS,
      admins,
    }
    const serve = async (app: App) => {
      let internalPort: InternalPort | undefined
      // Together: the connections of both ports end as the app closes.
      const stop = () => Promise.all([app.close(), internalPort?.close()])
      try {
        await app.listen({ port, host }).catch((error) => {
          throw listenError(error, 'API_PORT', port)
        })
        if (config.API_INTERNAL_PORT !== undefined) {
          internalPort = await openInternalPort(app, { host, port: config.API_INTERNAL_PORT })
        }
      } catch (error) {
        await stop()
        throw error
      }
      return stop
    }

    await databaseReady({
      db: database.internal.db,
      migrate: config.MIGRATE
        ? { url: config.MIGRATION_DATABASE_URL ?? config.DATABASE_URL }
        : undefined,
      log,
      stopping,
      whileWaiting: async () => serve(await buildWaitingApp(deps)),
    })
    const web = await loadWebApp({
      dir: BUILT_WEB_APP,
      realtimeUrl: config.PUBLIC_REALTIME_URL,
      embedOrigins: config.EMBED_ORIGINS,
    })
    if (!web) log.info('the web app is not built and not served')
    onStop(await serve(await buildApi({ ...deps, web, drainMs: DRAIN_MS })))
    log.info({ port, publicUrl }, 'api ready')
    const failed = sharedState.unusable.then((reason) => {
      throw new StartupError(reason)
    })
    return { failed }
  }),
)
