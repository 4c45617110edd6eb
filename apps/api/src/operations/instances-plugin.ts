import { sql } from 'kysely'
import { requireAdmin } from '../auth/authenticate.ts'
import type { Database } from '../db/database.ts'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import type { DatabaseMonitor } from './database-monitor.ts'
import { instancesSchema } from './instance-schemas.ts'

/** Most of what is in quarantine that is counted. */
const MAX_COUNTED = 1_000

/** How all instances are, for administrators. */
export async function instancesPlugin(
  app: App,
  {
    db,
    authenticate,
    instances,
    monitor,
    sharedState,
  }: Pick<Infrastructure, 'db' | 'authenticate' | 'instances' | 'sharedState'> & {
    monitor: DatabaseMonitor
  },
): Promise<void> {
  requireAdmin(app, authenticate)

  app.get(
    '/api/admin/instances',
    {
      schema: operation('adminListInstances', 'List instances', {
        description:
          'For administrators. APIs and gateways as they report themselves every two seconds: rates are averages since the report before.',
        response: { 200: instancesSchema },
      }),
    },
    async () => {
      const { waiting, failing } = monitor.compactionQueue()
      return {
        isComplete: sharedState.isConnected(),
        ...instances.list(),
        queues: {
          boardsToMerge: waiting,
          boardsFailing: failing,
          quarantined: await countQuarantined(db),
        },
      }
    },
  )
}

async function countQuarantined(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count
    FROM (SELECT FROM quarantined_updates LIMIT ${MAX_COUNTED}::int) AS counted`.execute(db)
  return rows[0]?.count ?? 0
}
