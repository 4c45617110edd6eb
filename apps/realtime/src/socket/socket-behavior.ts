import type { TemplatedApp, WebSocketBehavior } from 'uWebSockets.js'
import type { AssetLimits } from '@mindfuse/internal'
import { CLOSE_CODES, MAX_SMALL_UPDATE_BYTES, MAX_UPDATE_BYTES } from '@mindfuse/protocol'
import type { Logger, Tracer } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import type { AddressReader } from '../admission/client-address.ts'
import type { TokenRefresh } from '../admission/token-refresh.ts'
import { UPGRADE_PATHS } from '../admission/upgrade-request.ts'
import type { Backlog } from '../connection/backlog.ts'
import { Connection, SEND_BUDGET_BYTES } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import type { Hold } from '../connection/hold.ts'
import type { UnreadDocuments } from '../connection/unread-documents.ts'
import { FlushWindow } from '../flush-window.ts'
import type { Metrics } from '../metrics.ts'
import type { People } from '../person/people.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UWebSockets } from '../uws.ts'
import { FrameTime } from './frame-time.ts'
import { greet, IDLE_TIMEOUT_SECONDS } from './greeting.ts'
import { createFrameHandler } from './messages.ts'
import { isOversized, OversizedFrames } from './oversized-frames.ts'
import { type Arrival, createUpgrades, type Socket, type SocketData } from './upgrade.ts'

/** Most bytes of a frame besides an edit. */
const FRAME_HEAD_BYTES = 64

/** Acknowledgements of all connections leave together this often, milliseconds. */
const ACK_WINDOW_MS = 20

/** What the sockets of a gateway need. */
export interface SocketDeps {
  uws: UWebSockets
  admission: Admission
  addressOf: AddressReader
  /** Which release it is of. */
  version: string
  refreshToken: TokenRefresh
  rooms: Rooms
  connections: Connections
  unread: UnreadDocuments
  backlog: Backlog
  people: People
  hold: Hold
  /** As the API said last; undefined until it did, or where it keeps no files. */
  assetLimits: () => AssetLimits | undefined
  metrics: Metrics
  log: Logger
  tracer?: Tracer | undefined
}

/** Takes WebSockets on the routes of boards. */
export function registerSockets(app: TemplatedApp, deps: SocketDeps): void {
  const { large, small } = createSocketBehaviors(deps)
  for (const path of UPGRADE_PATHS) app.ws(path, large)
  app.ws('/*', small)
}

/** A socket's life, from upgrade to close: of those that take frames of any size, and of all others. */
function createSocketBehaviors(
  deps: SocketDeps,
): Record<'large' | 'small', WebSocketBehavior<SocketData>> {
  const { uws, rooms, connections, unread, backlog, hold, metrics, log } = deps
  const ackWindow = new FlushWindow(ACK_WINDOW_MS)
  const handleFrame = createFrameHandler(deps)
  const frameTime = new FrameTime(deps.people)
  const oversized = new OversizedFrames()

  const begin = (socket: Socket, { grant, requestId, traceId, ...negotiated }: Arrival): void => {
    const { sent } = metrics
    const connection = new Connection(socket, grant, {
      ...negotiated,
      oversizedForMs: oversized.pauseMsOf({ userId: grant.user.id, boardId: grant.boardId }),
      ackWindow,
      sent,
      unread,
      backlog,
      hold,
    })
    const data = socket.getUserData()
    data.connection = connection
    connections.add(connection)
    log.info({ ...describe(connection), ip: data.address, requestId, traceId }, 'connected')
    greet(connection, rooms.get(connection.boardId)?.size, deps.assetLimits())
    data.room = rooms.join(connection)
  }

  const upgrades = createUpgrades({
    ...deps,
    mayBeLarge: (userId) => connections.mayBeLarge(userId),
    onArrival(socket, arrival) {
      try {
        socket.cork(() => begin(socket, arrival))
        socket.getUserData().connection?.corkEnded()
      } catch (error) {
        log.error({ err: error }, 'connection cannot be opened')
        socket.end(CLOSE_CODES.INTERNAL_ERROR, 'internal error')
      }
    },
  })

  const behavior: WebSocketBehavior<SocketData> = {
    compression: uws.DISABLED,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    // Connection closes at its budget; this is for what exceeds it in a single frame.
    maxBackpressure: 4 * SEND_BUDGET_BYTES,
    closeOnBackpressureLimit: true,

    open: upgrades.open,

    message(socket, message, isBinary) {
      const { connection, room } = socket.getUserData()
      if (!connection || !room) return
      frameTime.measure(connection, () =>
        handleFrame({ from: connection, room, bytes: new Uint8Array(message), isBinary }),
      )
      // uWebSockets.js corks a socket while it handles a message of it.
      connection.corkEnded()
    },

    ping(socket) {
      const { connection } = socket.getUserData()
      if (connection) frameTime.measure(connection, () => connection.ponged())
    },

    drain(socket) {
      const { connection, room } = socket.getUserData()
      if (connection?.catchUp()) room?.catchUp(connection)
    },

    close(socket, code, message) {
      upgrades.close(socket)
      const { connection, room, address: ip } = socket.getUserData()
      if (!connection) return
      connection.markClosed()
      connections.remove(connection)
      if (room) rooms.leave(connection, room)
      metrics.closes.inc({ code })
      if (isOversized(code, message)) {
        oversized.add(connection)
        metrics.refusedEdits.inc({ code: 'too_large' })
        log.warn({ ...describe(connection), ip, isLarge: connection.isLarge }, 'frame too large')
      }
      log.info({ ...describe(connection), ip, code }, 'disconnected')
    },
  }
  return {
    large: {
      ...behavior,
      maxPayloadLength: MAX_UPDATE_BYTES + FRAME_HEAD_BYTES,
      upgrade: upgrades.upgradeLarge,
    },
    small: {
      ...behavior,
      maxPayloadLength: MAX_SMALL_UPDATE_BYTES + FRAME_HEAD_BYTES,
      upgrade: upgrades.upgradeSmall,
    },
  }
}

function describe({ id, boardId, userId, role }: Connection) {
  return { connectionId: id, boardId, userId, role }
}
