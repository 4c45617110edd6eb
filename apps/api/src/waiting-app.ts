import { Registry } from 'prom-client'
import { type App, createHttpApp } from './http/app.ts'
import { ApiError } from './http/errors.ts'
import type { InfrastructureDeps } from './infrastructure.ts'
import type { DatabaseMonitor } from './operations/database-monitor.ts'
import { registerMetrics } from './operations/metrics.ts'
import { operationsPlugin } from './operations/plugin.ts'

const RETRY_AFTER_SECONDS = 5

const NO_DATABASE: DatabaseMonitor = {
  isUp: () => false,
  outboxLagSeconds: () => 0,
  compactionQueue: () => ({ waiting: 0, failing: 0 }),
}

/**
 * Builds what answers while there is no database to build the API on: that it is not ready, its metrics,
 * and 503 to everything else.
 */
export async function buildWaitingApp(deps: InfrastructureDeps): Promise<App> {
  const app = await createHttpApp(deps)
  registerMetrics(app, { ...deps, registry: new Registry(), monitor: NO_DATABASE })
  await app.register(operationsPlugin, { ...deps, monitor: NO_DATABASE })
  app.setNotFoundHandler(() => {
    throw new ApiError(503, 'unavailable', 'The API waits for its database; try again later', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
  })
  await app.ready()
  return app
}
