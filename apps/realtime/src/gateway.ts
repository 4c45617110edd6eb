import { randomInt, randomUUID } from 'node:crypto'
import { type AssetLimits, accessScope } from '@mindfuse/internal'
import { CLOSE_CODES } from '@mindfuse/protocol'
import {
  ClockSkew,
  createOriginCheck,
  DEVELOPMENT,
  type Logger,
  type Release,
  type Tracer,
} from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { AccessMonitor } from './access/access-monitor.ts'
import { RecentChanges } from './access/recent-changes.ts'
import { TokenExpiry } from './access/token-expiry.ts'
import { VOUCH_SECONDS, Vouching } from './access/vouching.ts'
import { Admission } from './admission/admission.ts'
import { createApiAccess } from './admission/api-access.ts'
import { MAX_CONNECTIONS } from './admission/capacity.ts'
import { createChannelLookup } from './admission/channel-lookup.ts'
import { createAddressReader } from './admission/client-address.ts'
import { createGrantLookup } from './admission/grant-lookup.ts'
import { KeptAccess } from './admission/kept-access.ts'
import { createSessionAccess } from './admission/session-access.ts'
import { createTokenRefresh } from './admission/token-refresh.ts'
import { createTokenVerifier } from './admission/token-verifier.ts'
import { createNameAnswer } from './answer-names.ts'
import { Channels } from './channel/channels.ts'
import { Backlog } from './connection/backlog.ts'
import type { Connection } from './connection/connection.ts'
import { Connections } from './connection/connections.ts'
import { UnreadDocuments } from './connection/unread-documents.ts'
import { DeliveryClock } from './delivery/delivery-clock.ts'
import { createGatewayReport } from './gateway-report.ts'
import { Listener } from './http/listener.ts'
import { Readiness } from './http/readiness.ts'
import { registerHttpRoutes, registerInternalRoutes } from './http/routes.ts'
import { createMetrics } from './metrics.ts'
import { OpenFiles, readOpenFilesLimit } from './open-files.ts'
import { People } from './person/people.ts'
import { AntiEntropy } from './room/anti-entropy.ts'
import { followDocumentChanges } from './room/document-changes.ts'
import { LeaseHeartbeat } from './room/lease-heartbeat.ts'
import { Rooms } from './room/rooms.ts'
import { registerSockets } from './socket/socket-behavior.ts'
import { createApiClient } from './storage/api-client.ts'
import { loadUWebSockets } from './uws.ts'

/** Over how long clients are asked to spread their reconnects after a restart, milliseconds. */
const RECONNECT_SPREAD_MS = 5_000

/** How many connections are closed at a time when the gateway stops, and how often. */
const DRAIN_BATCH = 250
const DRAIN_INTERVAL_MS = 50

/** How long a stopping gateway tries to store its edits, milliseconds: less than a process is given. */
const FLUSH_DEADLINE_MS = 25_000

/** What a gateway is built from. */
export interface GatewayDeps {
  sharedState: SharedState
  log: Logger
  /** Traces admissions, events and calls of the API. */
  tracer?: Tracer | undefined
  /** Exact origins whose pages may connect. */
  webOrigins: readonly string[]
  /** Whether pages of this machine may connect too, on any port. */
  allowLoopbackPages?: boolean | undefined
  /** How many proxies in front of the gateway set `X-Forwarded-For`; none by default. */
  trustedProxies?: number | undefined
  /** The internal URL of the API. */
  apiUrl: string
  internalSecret: string
  /** How often the access of every connection is checked; 30,000 milliseconds by default. */
  sweepIntervalMs?: number
  /** How long boards go on while nobody vouches for who may do what; `VOUCH_SECONDS` by default. */
  vouchSeconds?: number | undefined
  /** Whether the public port answers `/metrics`; false by default. */
  publicMetrics?: boolean | undefined
  /** What metrics and responses say it is; of development by default. */
  release?: Release | undefined
  /** Most bytes of open boards; half of the memory by default. */
  maxBoardBytes?: number | undefined
  /** The tick of delivery, milliseconds; `TICK_MS` by default. */
  tickMs?: number
}

/** A gateway that is ready to listen. */
export interface Gateway {
  /**
   * Listens and returns the port; 0 picks a free one. On `internalPort` it answers `/metrics`.
   * @throws StartupError where a port is in use
   */
  listen(options: { host: string; port: number; internalPort?: number | undefined }): number
  /**
   * Stops gracefully: not ready, no new connections, clients told when to reconnect, closed with 1012
   * in batches. Resolves once all edits are stored.
   * @throws Error with the bytes that are not stored after 25 seconds
   */
  stop(): Promise<void>
}

/** Builds a gateway. @throws StartupError where uWebSockets.js does not load, or too few files may be open */
export function buildGateway(deps: GatewayDeps): Gateway {
  const { log, sharedState, apiUrl, tracer } = deps
  const gatewayId = randomUUID()
  const uws = loadUWebSockets()
  const openFiles = new OpenFiles(readOpenFilesLimit())
  const maxConnections = Math.min(MAX_CONNECTIONS, openFiles.maxConnections)
  if (maxConnections < MAX_CONNECTIONS) {
    log.warn({ maxConnections }, 'the limit of open files (ulimit -n) limits connections')
  }
  const recent = new RecentChanges()
  const keptAccess = new KeptAccess({ ...sharedState, recent, log })
  const clock = new ClockSkew({ log, other: 'the API' })
  let assetLimits: AssetLimits | undefined
  const api = createApiClient({
    url: apiUrl,
    secret: deps.internalSecret,
    onStorage: (boardId, isFull) => rooms.get(boardId)?.setStorageFull(isFull),
    onAssetLimits(limits) {
      assetLimits = limits
    },
    onAuthorization: (...answer) => keptAccess.keep(...answer),
    clock,
    tracer,
  })

  const people = new People()
  const connections = new Connections(people)
  const unread = new UnreadDocuments(people)
  const backlog = new Backlog(people)
  const vouching = new Vouching({
    gatewayId,
    scope: accessScope(deps.internalSecret),
    api,
    recent,
    bus: sharedState.access,
    connections,
    log,
    vouchMs: 1_000 * (deps.vouchSeconds ?? VOUCH_SECONDS),
    report: () => report(),
    onResumed: (connection) => resume(connection),
  })
  const { hold } = vouching
  const metrics = createMetrics({
    connections: () => connections.sockets,
    channelMembers: () => connections.channels,
    channels: () => channels.size,
    rooms: () => rooms.size,
    nearlyFullRooms: () => rooms.nearlyFull,
    unsavedBytes: () => rooms.unsavedBytes,
    boardMemory: () => rooms.memory,
    unread,
    backlogBytes: () => backlog.bytes,
    oldestUnsavedMs: () => rooms.oldestUnsavedMs,
    vouching,
    clock,
    sharedState,
    release: deps.release,
  })
  const delivery = { clock: new DeliveryClock({ tickMs: deps.tickMs }) }
  const rooms = new Rooms({ ...deps, ...delivery, gatewayId, api, people, unread, metrics })
  const channels = new Channels({ ...deps, ...delivery, gatewayId, metrics })
  const places = () => [...rooms.all, ...channels.all]
  const placeOf = ({ topic, boardId }: Connection) =>
    topic === undefined ? rooms.get(boardId) : channels.get(topic)
  /** Sends what was held, and what was withheld meanwhile. */
  const resume = (connection: Connection) => {
    if (connection.resume()) placeOf(connection)?.catchUp(connection)
  }
  const accessMonitor = new AccessMonitor({
    ...{ ...deps, connections, api, recent },
    onPermitted(connection) {
      if (connection.topic === undefined) rooms.get(connection.boardId)?.roleChanged(connection)
    },
    onRenamed: (connection) => placeOf(connection)?.renamed(connection),
    onBoardName: (boardId, name) => rooms.get(boardId)?.named(name),
    onResumed: resume,
  })
  const tokenExpiry = new TokenExpiry(connections)
  const unfollow = followDocumentChanges({ sharedState, rooms })
  const heartbeat = new LeaseHeartbeat({
    gatewayId,
    places,
    sharedState,
    log,
    onReaped: (count) => metrics.presenceReaped.inc(count),
  })
  const antiEntropy = new AntiEntropy({
    ...{ rooms, places, api, relay: sharedState.relay, heartbeat, metrics, log },
  })

  const verifyToken = createTokenVerifier({ apiUrl })
  const askApi = createApiAccess(api)
  const allowsOrigin = createOriginCheck(deps)
  const askKept = keptAccess.before(askApi, (outcome) => metrics.permissionLookups.inc({ outcome }))
  const lookUpGrant = createGrantLookup({
    allowsOrigin,
    verifyToken,
    askApi: askKept,
    accessOfSession: createSessionAccess(api),
  })
  const admission = new Admission({
    lookUpGrant,
    lookUpChannel: createChannelLookup(askKept),
    accessMonitor,
    hold,
    connections,
    maxConnections,
    roomFor: (boardId, userId) => rooms.roomFor(boardId, userId),
    log,
  })
  const readiness = new Readiness({ admission, vouching, sharedState, log })
  const report = createGatewayReport({
    ...{ gatewayId, release: deps.release, metrics, readiness, connections, rooms },
  })
  vouching.start(accessMonitor)
  const refreshToken = createTokenRefresh({ verifyToken, askApi, accessMonitor })

  const addressOf = createAddressReader(deps.trustedProxies ?? 0)

  const release = deps.release ?? DEVELOPMENT
  const app = uws.App()
  registerSockets(app, {
    uws,
    admission,
    addressOf,
    version: release.version,
    refreshToken,
    rooms,
    channels,
    connections,
    unread,
    backlog,
    people,
    hold,
    assetLimits: () => assetLimits,
    metrics,
    log,
    tracer,
  })
  const routes = {
    ...deps,
    admission,
    addressOf,
    allowsOrigin,
    nameAnswer: createNameAnswer(release),
    metrics,
    readiness,
    health: () => ({ connections: connections.sockets, rooms: rooms.size }),
  }
  registerHttpRoutes(app, routes)
  const internalApp = uws.App()
  registerInternalRoutes(internalApp, routes)
  const listener = new Listener({ uws, app, log })
  const internalListener = new Listener({ uws, app: internalApp, log })

  return {
    listen({ host, port, internalPort }) {
      const boundPort = listener.listen({ host, port, setting: 'REALTIME_PORT' }, openFiles)
      if (internalPort !== undefined) {
        internalListener.listen({ host, port: internalPort, setting: 'REALTIME_INTERNAL_PORT' })
      }
      return boundPort
    },

    async stop() {
      admission.stop()
      listener.stop()
      unfollow()
      tokenExpiry.stop()
      await drain(connections)
      accessMonitor.stop()
      await vouching.stop()
      const isStored = await withinMs(FLUSH_DEADLINE_MS, rooms.flush())
      const { unsavedBytes } = rooms
      // From here on, other gateways with the board open store the edits they received from this one.
      antiEntropy.stop()
      await heartbeat.stop()
      readiness.stop()
      app.close()
      // The last: until here it shows what is not stored yet.
      internalApp.close()
      if (!isStored) {
        log.error({ unsavedBytes }, 'stopped before all edits were stored')
        throw new Error(`${unsavedBytes} bytes of edits could not be stored`)
      }
    },
  }
}

async function drain(connections: Connections): Promise<void> {
  for (const connection of connections.all) {
    if (connection.topic !== undefined) continue
    connection.sendMessage({ type: 'going-away', retryAfterMs: randomInt(RECONNECT_SPREAD_MS) })
  }
  while (connections.size > 0) {
    const batch = [...connections.all].slice(0, DRAIN_BATCH)
    for (const connection of batch) {
      connection.close(CLOSE_CODES.SERVICE_RESTART, 'the server is restarting')
    }
    await new Promise((resolve) => setTimeout(resolve, DRAIN_INTERVAL_MS))
  }
}

/** Whether a task finishes in time. */
async function withinMs(ms: number, task: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([task.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
