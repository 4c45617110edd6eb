import type { AddressInfo } from 'node:net'
import { buildApi, migrateUp, openDatabase } from '@mindfuse/api'
import { createLogger, resolvePort, runService } from '@mindfuse/service-kit'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import Fastify from 'fastify'
import pg from 'pg'

const HOST = '127.0.0.1'

/** Connections of the API, half of which are for requests. */
const API_CONNECTIONS = 20

/** Connections of the bare route: as many as the API's requests have. */
const BARE_CONNECTIONS = 10

/** The API and, beside it in the same process, a bare Fastify route with one prepared query. */
await runService(async () => {
  const {
    DATABASE_URL: url = '',
    REDIS_URL = '',
    OIDC_ISSUER = '',
    INTERNAL_SECRET = '',
  } = process.env
  const log = createLogger({ service: 'bench', level: 'warn' })
  const database = openDatabase({ url, poolSize: API_CONNECTIONS, onError: () => undefined })
  await migrateUp({ url })
  const sharedState = createDragonflySharedState({ url: REDIS_URL, onError: () => undefined })
  const port = await resolvePort(0, HOST)
  const api = await buildApi({
    database,
    sharedState,
    log,
    publicUrl: `http://localhost:${port}`,
    webOrigins: [`http://localhost:${port}`],
    internalSecret: INTERNAL_SECRET,
    identityProviders: [
      {
        ...{ id: 'google', name: 'Bench', issuer: OIDC_ISSUER },
        ...{ clientId: 'b', clientSecret: 'b', key: 'bench', trustEmail: true },
      },
    ],
    rateLimitFactor: 1_000_000,
  })
  await api.listen({ port, host: HOST })

  const pool = new pg.Pool({ connectionString: url, max: BARE_CONNECTIONS })
  const bare = Fastify()
  bare.get<{ Params: { id: string } }>('/boards/:id', async (request) => {
    const { rows } = await pool.query({
      name: 'board',
      text: 'SELECT id, workspace_id, name, created_at, updated_at FROM boards WHERE id = $1',
      values: [request.params.id],
    })
    return rows[0]
  })
  await bare.listen({ port: 0, host: HOST })
  process.stdout.write(
    `${JSON.stringify({ api: port, bare: (bare.server.address() as AddressInfo).port })}\n`,
  )

  return {
    async stop() {
      await bare.close()
      await pool.end()
      await api.close()
      await sharedState.close()
      await database.close()
    },
  }
})
