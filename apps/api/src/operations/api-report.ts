import { randomUUID } from 'node:crypto'
import { type ApiReport, REPORT_INTERVAL_MS } from '@mindfuse/internal'
import { type Release, VitalSigns } from '@mindfuse/service-kit'
import type { Registry } from 'prom-client'
import { PURPOSES } from '../connection-shares.ts'
import type { DatabasePools } from '../db/database.ts'
import type { Instances } from '../instances/instances.ts'
import type { DatabaseMonitor } from './database-monitor.ts'

/** Reports how this API is, as gateways do, until it is stopped. */
export function reportApi(deps: {
  instances: Instances
  registry: Registry
  database: DatabasePools
  monitor: DatabaseMonitor
  release?: Release | undefined
}): () => void {
  const { instances, registry, database, monitor } = deps
  const id = randomUUID()
  const vitals = new VitalSigns<'requests'>(deps.release)

  const read = async (reasons: string[]): Promise<ApiReport> => {
    const { perSecond, ...signs } = vitals.read({
      requests: await sumOf(registry, 'http_request_duration_seconds', '_count'),
    })
    return {
      kind: 'api',
      id,
      ...signs,
      reasons,
      requestsPerSecond: perSecond.requests,
      eventStreams: await sumOf(registry, 'sse_connections'),
      documentJobs: await sumOf(registry, 'document_worker_jobs'),
      waitingForDatabase: PURPOSES.reduce((sum, pool) => sum + database[pool].stats().waiting, 0),
      publishingLagSeconds: Math.max(0, monitor.outboxLagSeconds()),
    }
  }
  const report = async () =>
    instances.report(await read(monitor.isUp() ? [] : ['database_unavailable']))
  const timer = setInterval(() => void report(), REPORT_INTERVAL_MS)
  void report()
  return () => clearInterval(timer)
}

/** The sum of a metric over its labels; 0 where there is none. */
async function sumOf(registry: Registry, name: string, suffix = ''): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get()
  const values = metric?.values as { metricName?: string; value: number }[] | undefined
  return (values ?? [])
    .filter(({ metricName = name }) => metricName === `${name}${suffix}`)
    .reduce((sum, { value }) => sum + value, 0)
}
