import {
  createLogger,
  listenHost,
  loadConfig,
  OutageLog,
  openTracer,
  parseOrigins,
  redisServerOf,
  releaseOf,
  runLoggedService,
  StartupError,
} from '@mindfuse/service-kit'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import { realtimeConfigSchema } from './config.ts'
import { buildGateway } from './gateway.ts'

await runLoggedService('realtime', async () => {
  const config = loadConfig(realtimeConfigSchema, process.env)
  const log = createLogger({ service: 'realtime', level: config.LOG_LEVEL })
  const tracer = await openTracer(config, {
    service: 'realtime',
    onError: (error) => log.warn({ err: error }, 'spans cannot be sent'),
  })
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
  const gateway = buildGateway({
    sharedState,
    log,
    tracer,
    webOrigins: parseOrigins(config.WEB_ORIGINS),
    trustedProxies: config.TRUSTED_PROXIES,
    apiUrl: config.API_INTERNAL_URL,
    internalSecret: config.INTERNAL_SECRET,
    publicMetrics: config.PUBLIC_METRICS,
    release: releaseOf(config),
    vouchSeconds: config.VOUCH_SECONDS,
    tickMs: config.DELIVERY_TICK_MS,
    maxBoardBytes: config.OPEN_BOARDS_MIB * 1024 * 1024 || undefined,
  })
  const port = gateway.listen({
    host: listenHost(config.REALTIME_HOST),
    port: config.REALTIME_PORT,
    internalPort: config.REALTIME_INTERNAL_PORT,
  })
  log.info({ port }, 'gateway listens')

  return {
    failed: sharedState.unusable.then((reason) => {
      throw new StartupError(reason)
    }),
    async stop() {
      await gateway.stop()
      await sharedState.close()
      await tracer?.close()
    },
  }
})
