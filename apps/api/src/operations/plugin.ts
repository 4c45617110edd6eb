import { Type } from 'typebox'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { InfrastructureDeps } from '../infrastructure.ts'
import { answersInTime } from './answers-in-time.ts'
import type { DatabaseMonitor } from './database-monitor.ts'

const healthSchema = Type.Object(
  {
    status: Type.Enum(['ok', 'degraded']),
    db: Type.Enum(['ok', 'down']),
    redis: Type.Enum(['ok', 'down']),
  },
  { description: 'The state of the API and of what it depends on' },
)

const readySchema = Type.Object(
  { ready: Type.Boolean() },
  { description: 'Whether this instance takes requests' },
)

/**
 * `GET /health` for people and monitors, `GET /ready` for balancers, `GET /live` for who restarts a process. Without PostgreSQL the API can do
 * nothing (503); without Dragonfly it still serves, so that is only reported.
 */
export async function operationsPlugin(
  app: App,
  { monitor, sharedState }: Pick<InfrastructureDeps, 'sharedState'> & { monitor: DatabaseMonitor },
): Promise<void> {
  app.get(
    '/health',
    {
      schema: operation('getHealth', 'Check the API and what it depends on', {
        response: { 200: healthSchema, 503: healthSchema },
      }),
    },
    async (_request, reply) => {
      const redis = (await answersInTime(sharedState.ping())) ? 'ok' : 'down'
      const db = monitor.isUp() ? 'ok' : 'down'
      const status = db === 'ok' && redis === 'ok' ? 'ok' : 'degraded'
      return reply.code(db === 'ok' ? 200 : 503).send({ status, db, redis })
    },
  )

  // Answers while the event loop turns, whatever is away and however busy the process is.
  app.get(
    '/live',
    { schema: { hide: true }, config: { pressureHandler: () => undefined } },
    async () => ({ live: true }),
  )

  app.get(
    '/ready',
    {
      schema: operation('getReadiness', 'Check whether this instance takes requests', {
        response: { 200: readySchema, 503: readySchema },
      }),
    },
    async (_request, reply) => {
      const ready = !app.isStopping && monitor.isUp()
      return reply.code(ready ? 200 : 503).send({ ready })
    },
  )
}
