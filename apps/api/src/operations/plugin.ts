import { sql } from 'kysely'
import { Type } from 'typebox'
import type { App } from '../http/app.ts'
import { operation } from '../http/operation.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { watchDatabaseClock } from './database-clock.ts'

/** How long a store may take to answer before it counts as away, milliseconds. */
const CHECK_TIMEOUT_MS = 2_000

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
  { database: pools, sharedState, registry, log }: Infrastructure,
): Promise<void> {
  // Busy is not down: a full pool of the requests must not take the instance out of service.
  const { db } = pools.internal
  const stopWatching = watchDatabaseClock({ db, registry, log })
  app.addHook('onClose', async () => stopWatching())
  let isStopping = false
  app.addHook('preClose', async () => {
    isStopping = true
  })

  app.get(
    '/health',
    {
      schema: operation('getHealth', 'Check the API and what it depends on', {
        response: { 200: healthSchema, 503: healthSchema },
      }),
    },
    async (_request, reply) => {
      const [database, redis] = await Promise.all([
        check(sql`SELECT 1`.execute(db)),
        check(sharedState.ping()),
      ])
      const status = database === 'ok' && redis === 'ok' ? 'ok' : 'degraded'
      return reply.code(database === 'ok' ? 200 : 503).send({ status, db: database, redis })
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
      const ready = !isStopping && (await check(sql`SELECT 1`.execute(db))) === 'ok'
      return reply.code(ready ? 200 : 503).send({ ready })
    },
  )
}

async function check(answer: Promise<unknown>): Promise<'ok' | 'down'> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<'down'>((resolve) => {
    timer = setTimeout(() => resolve('down'), CHECK_TIMEOUT_MS)
  })
  const answered = answer.then(
    () => 'ok' as const,
    () => 'down' as const,
  )
  const result = await Promise.race([answered, timeout])
  clearTimeout(timer)
  return result
}
