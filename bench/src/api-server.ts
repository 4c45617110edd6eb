import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fastifyStatic from '@fastify/static'
import { buildApi, migrateUp, openDatabase, openDirectoryStore } from '@mindfuse/api'
import { createLogger, resolvePort, runService } from '@mindfuse/service-kit'
import { createDragonflySharedState } from '@mindfuse/shared-state'
import Fastify from 'fastify'
import pg from 'pg'

const HOST = '127.0.0.1'

/** Connections of the API, half of which are for requests. */
const API_CONNECTIONS = 20

/** Connections of the bare route: as many as the API's requests have. */
const BARE_CONNECTIONS = 10

/**
 * The API and, beside it in the same process, bare Fastify routes: one prepared query, a body streamed to disk, files
 * read from there.
 */
await runService(async () => {
  const {
    DATABASE_URL: url = '',
    REDIS_URL = '',
    OIDC_ISSUER = '',
    INTERNAL_SECRET = '',
    ASSETS_DIR = '',
  } = process.env
  const log = createLogger({ service: 'bench', level: 'warn' })
  const database = openDatabase({ url, poolSize: API_CONNECTIONS, onError: () => undefined })
  await migrateUp({ url })
  const sharedState = createDragonflySharedState({ url: REDIS_URL, onError: () => undefined })
  const assets = await openDirectoryStore(ASSETS_DIR)
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
    assets,
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
  bare.removeAllContentTypeParsers()
  bare.addContentTypeParser('*', (_request, body, done) => done(null, body))
  bare.put<{ Params: { name: string } }>('/files/:name', async ({ body, params }, reply) => {
    await pipeline(body as IncomingMessage, createWriteStream(join(ASSETS_DIR, params.name)))
    return reply.code(201).send()
  })
  bare.put<{ Params: { name: string } }>('/checked/:name', async ({ body, params }, reply) => {
    const hash = createHash('sha256')
    const hashing = new Transform({
      transform(chunk, _encoding, done) {
        hash.update(chunk)
        done(null, chunk)
      },
    })
    const file = createWriteStream(join(ASSETS_DIR, params.name), { flush: true })
    await pipeline(body as IncomingMessage, hashing, file)
    return reply.code(201).send(hash.digest('hex'))
  })
  await bare.register(fastifyStatic, { root: ASSETS_DIR, prefix: '/files/' })
  await bare.listen({ port: 0, host: HOST })
  process.stdout.write(
    `${JSON.stringify({ api: port, bare: (bare.server.address() as AddressInfo).port })}\n`,
  )

  return {
    async stop() {
      await bare.close()
      await pool.end()
      await api.close()
      await assets.close()
      await sharedState.close()
      await database.close()
    },
  }
})
