import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiDeps, buildApi, openDatabase, openDirectoryStore } from '@mindfuse/api'
import { startIdentityProvider } from '@mindfuse/embedded'
import { buildGateway } from '@mindfuse/realtime'
import { createLogger } from '@mindfuse/service-kit'
import { createDragonflySharedState, type SharedState } from '@mindfuse/shared-state'
import { createTestDatabase, type TestDatabase } from '@mindfuse/testing'
import { inject } from 'vitest'
import { pickPort } from './ports.ts'

const HOST = '127.0.0.1'

/** Of which half are for requests, a third of these for one person. */
const POOL_SIZE = 10

/** Pages that may connect to the gateways under test. */
export const WEB_ORIGIN = 'https://whiteboard.example'

/** The identity of an administrator, see the fixture `administrator`. */
const ADMIN = `test:${createHash('sha256').update('administrator@example.com').digest('hex').slice(0, 32)}`

/** What a stack has unless a test changes it. */
export interface StackOptions {
  /** Many people sign in from this one address. */
  rateLimitFactor?: number
  /** Number of the database in Redis. */
  redisDatabase?: number
  redisUrl?: string
  /** How many APIs there are, on one database; gateways ask them in turns. */
  apis?: number
  gateways?: number
  /** How much people may keep. */
  quotaLimits?: ApiDeps['quotaLimits']
  /** Pages that may connect; {@link WEB_ORIGIN} by default. */
  webOrigins?: ApiDeps['webOrigins']
  /** Besides the embedded one. */
  identityProviders?: ApiDeps['identityProviders']
  /** Timing of the API's event streams. */
  streamTimes?: ApiDeps['streamTimes']
  /** Opens where each API keeps files, by default in {@link Stack.assetsDir}; undefined keeps none. */
  openAssets?: (dir: string) => Promise<ApiDeps['assets']>
  /** Wraps the shared state of the gateways, to inject faults. */
  spoil?: (sharedState: SharedState) => SharedState
  /** The same of the APIs. */
  spoilApis?: (sharedState: SharedState) => SharedState
  /** How often the gateways check every connection's access, milliseconds. */
  sweepIntervalMs?: number
}

/** Both services, built from their sources, on real PostgreSQL and a real Redis protocol. */
export interface Stack {
  /** The first API's. */
  apiUrl: string
  /** Each API's. */
  apiUrls: string[]
  /** The first gateway's; ends in `/ws`. */
  realtimeUrl: string
  /** Each gateway's. */
  realtimeUrls: string[]
  database: TestDatabase
  internalSecret: string
  /** Where the APIs keep files beside documents. */
  assetsDir: string
  stopIdentityProvider(): Promise<void>
  startIdentityProvider(): Promise<void>
  stopApi(): Promise<void>
  startApi(): Promise<void>
  restartGateway(index?: number): Promise<void>
  stop(): Promise<void>
}

/** Starts a stack with a database of its own. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { rateLimitFactor = 1_000, redisDatabase = 0, gateways: gatewayCount = 1 } = options
  const {
    sweepIntervalMs,
    redisUrl = inject('redisUrl'),
    spoil = (sharedState) => sharedState,
    spoilApis = (sharedState) => sharedState,
    webOrigins = [WEB_ORIGIN],
    openAssets = openDirectoryStore,
  } = options
  const log = createLogger({ service: 'test', level: process.env.LOG_LEVEL ? 'debug' : 'silent' })
  const database = await createTestDatabase(inject('templateUrl'))
  const identityPort = await pickPort()
  let identityProvider = await startIdentityProvider({ port: identityPort })
  const assetsDir = await mkdtemp(join(tmpdir(), 'mindfuse-assets-'))
  const internalSecret = randomBytes(16).toString('hex')
  const ports: number[] = []
  for (let i = 0; i < (options.apis ?? 1); i++) ports.push(await pickPort())
  const apiUrls = ports.map((port) => `http://localhost:${port}`)
  const [apiUrl = ''] = apiUrls
  const newSharedState = () =>
    createDragonflySharedState({
      url: `${redisUrl}/${redisDatabase}`,
      onError: () => undefined,
    })

  const startOneApi = async (port: number) => {
    const pool = openDatabase({ url: database.url, poolSize: POOL_SIZE, onError: () => undefined })
    const sharedState = newSharedState()
    const assets = await openAssets(assetsDir)
    const app = await buildApi({
      database: pool,
      sharedState: spoilApis(sharedState),
      log,
      publicUrl: apiUrl,
      webOrigins,
      internalSecret,
      publicMetrics: true,
      identityProviders: [
        {
          ...{ id: 'google', name: 'Test', issuer: identityProvider.issuer },
          ...{ clientId: 'test', clientSecret: 'test' },
          ...{ key: 'test', trustEmail: true },
        },
        ...(options.identityProviders ?? []),
      ],
      rateLimitFactor,
      assets,
      admins: [ADMIN],
      quotaLimits: options.quotaLimits,
      streamTimes: options.streamTimes,
      // The tests share this process: loading a file would make the API refuse them.
      maxEventLoopDelayMs: 0,
    })
    await app.listen({ port, host: HOST })
    return async () => {
      await app.close()
      await assets?.close()
      await sharedState.close()
      await pool.close()
    }
  }

  const startApi = async () => {
    const stops: (() => Promise<void>)[] = []
    for (const port of ports) stops.push(await startOneApi(port))
    return () => Promise.all(stops.map((stop) => stop()))
  }

  const startGateway = (gatewayPort: number, index: number) => {
    const sharedState = newSharedState()
    const gateway = buildGateway({
      sharedState: spoil(sharedState),
      log,
      webOrigins,
      apiUrl: apiUrls[index % apiUrls.length] ?? apiUrl,
      internalSecret,
      publicMetrics: true,
      ...(sweepIntervalMs !== undefined && { sweepIntervalMs }),
    })
    return {
      port: gateway.listen({ host: HOST, port: gatewayPort }),
      async stop() {
        await gateway.stop()
        await sharedState.close()
      },
    }
  }

  let stopApi = await startApi()
  const gateways: ReturnType<typeof startGateway>[] = []
  for (let i = 0; i < gatewayCount; i++) {
    gateways.push(startGateway(await pickPort(), i))
  }
  const realtimeUrls = gateways.map((gateway) => `ws://${HOST}:${gateway.port}/ws`)

  return {
    apiUrl,
    apiUrls,
    realtimeUrl: realtimeUrls[0] ?? '',
    realtimeUrls,
    database,
    internalSecret,
    assetsDir,
    stopIdentityProvider: () => identityProvider.stop(),
    async startIdentityProvider() {
      identityProvider = await startIdentityProvider({ port: identityPort })
    },
    async stopApi() {
      await stopApi()
      stopApi = async () => []
    },
    async startApi() {
      stopApi = await startApi()
    },
    async restartGateway(index = 0) {
      const gateway = gateways[index]
      if (!gateway) throw new RangeError(`there is no gateway ${index}`)
      await gateway.stop()
      gateways[index] = startGateway(gateway.port, index)
    },
    async stop() {
      await Promise.all(gateways.map((gateway) => gateway.stop()))
      await stopApi()
      await identityProvider.stop()
      await database.drop()
      await rm(assetsDir, { recursive: true, force: true })
    },
  }
}
