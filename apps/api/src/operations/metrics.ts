import { collectProcessMetrics, type Release } from '@mindfuse/service-kit'
import { Gauge, Histogram, type Registry } from 'prom-client'
import { PURPOSES } from '../connection-shares.ts'
import type { DatabasePools } from '../db/database.ts'
import type { App } from '../http/app.ts'
import { onInternalPortAlone } from '../http/internal-port.ts'
import type { DatabaseMonitor } from './database-monitor.ts'

/** Bounds of the request histogram, seconds. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Counts what the API does, and answers `GET /metrics` in Prometheus' text format: on the internal port,
 * since it tells how much people do, and on the public one only where that is asked for.
 */
export function registerMetrics(
  app: App,
  deps: {
    database: DatabasePools
    monitor: DatabaseMonitor
    registry: Registry
    sharedState: { isConnected(): boolean }
    internalPort?: number | undefined
    publicMetrics?: boolean | undefined
    release?: Release | undefined
  },
): void {
  const { registry } = deps
  collectProcessMetrics({ registry, release: deps.release })

  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its reply',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  })
  // Finding a series by its labels costs more than counting in it. There are as many as routes,
  // methods and statuses.
  const series = new Map<string, Histogram.Internal<string>>()
  app.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
    const route = routeOptions.url ?? 'unknown'
    const status = reply.statusCode
    const key = `${method} ${status} ${route}`
    let seriesOfReply = series.get(key)
    if (!seriesOfReply) {
      seriesOfReply = durations.labels({ method, route, status })
      series.set(key, seriesOfReply)
    }
    seriesOfReply.observe(reply.elapsedTime / 1_000)
    done()
  })

  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections to PostgreSQL by state; waiting counts requests without one',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const pool of PURPOSES) {
        const { total, idle, waiting } = deps.database[pool].stats()
        this.set({ pool, state: 'busy' }, total - idle)
        this.set({ pool, state: 'idle' }, idle)
        this.set({ pool, state: 'waiting' }, waiting)
      }
    },
  })
  new Gauge({
    name: 'redis_up',
    help: 'Whether Dragonfly answered when it was last asked: 0 or 1',
    registers: [registry],
    collect() {
      this.set(Number(deps.sharedState.isConnected()))
    },
  })
  new Gauge({
    name: 'database_up',
    help: 'Whether PostgreSQL answered when it was last asked',
    registers: [registry],
    collect() {
      this.set(Number(deps.monitor.isUp()))
    },
  })
  new Gauge({
    name: 'outbox_lag_seconds',
    help: 'Age of the oldest event that is committed and not published',
    registers: [registry],
    collect() {
      this.set(deps.monitor.outboxLagSeconds())
    },
  })
  new Gauge({
    name: 'document_compaction_queue_boards',
    help: 'Boards whose tail waits to be merged; failing ones were tried more than once',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { waiting, failing } = deps.monitor.compactionQueue()
      this.set({ state: 'waiting' }, waiting)
      this.set({ state: 'failing' }, failing)
    },
  })

  app.get(
    '/metrics',
    {
      schema: { hide: true },
      onRequest: deps.publicMetrics ? [] : onInternalPortAlone(deps.internalPort),
    },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  )
}
