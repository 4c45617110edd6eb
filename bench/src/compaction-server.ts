import { monitorEventLoopDelay } from 'node:perf_hooks'
import { buildApi, migrateUp, openDatabase } from '@mindfuse/api'
import { createLogger, resolvePort, runService } from '@mindfuse/service-kit'
import { createDragonflySharedState } from '@mindfuse/shared-state'

const HOST = '127.0.0.1'
const POOL_SIZE = 20

/** How often the event loop's delay is sampled, milliseconds. */
const RESOLUTION_MS = 5

/** The API as `npm run start:api` runs it; its event loop is watched, and its parent may ask. */
await runService(async () => {
  const { DATABASE_URL: url = '', REDIS_URL = '', INTERNAL_SECRET = '' } = process.env
  const log = createLogger({ service: 'bench', level: 'warn' })
  const database = openDatabase({ url, poolSize: POOL_SIZE, onError: () => undefined })
  await migrateUp({ url })
  const sharedState = createDragonflySharedState({ url: REDIS_URL, onError: () => undefined })
  const port = await resolvePort(0, HOST)
  const origin = `http://localhost:${port}`
  const api = await buildApi({
    database,
    sharedState,
    log,
    publicUrl: origin,
    webOrigins: [origin],
    internalSecret: INTERNAL_SECRET,
    identityProviders: [
      {
        ...{ id: 'google', name: 'Bench', issuer: origin },
        ...{ clientId: 'b', clientSecret: 'b', key: 'bench', trustEmail: true },
      },
    ],
  })
  await api.listen({ port, host: HOST })

  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  process.on('message', (ask) => {
    if (ask === 'reset') delay.reset()
    // A sample is the whole interval; what is above the resolution is the delay.
    else process.send?.({ maxDelayMs: Math.max(0, delay.max / 1e6 - RESOLUTION_MS) })
  })
  process.send?.({ port })

  return {
    async stop() {
      process.disconnect?.()
      await api.close()
      await sharedState.close()
      await database.close()
    },
  }
})
