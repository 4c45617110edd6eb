import type { TemplatedApp, WebSocketBehavior } from 'uWebSockets.js'
import { MAX_SMALL_UPDATE_BYTES, MAX_UPDATE_BYTES } from '@mindfuse/protocol'
import { CHANNELS_PATHS, UPGRADE_PATHS } from '../admission/upgrade-request.ts'
import { Connection } from '../connection/connection.ts'
import { FlushWindow } from '../flush-window.ts'
import { createChannelBehavior } from './channel-behavior.ts'
import { FrameTime } from './frame-time.ts'
import { greet } from './greeting.ts'
import { createFrameHandler } from './messages.ts'
import { isOversized, OversizedFrames } from './oversized-frames.ts'
import type { SharedDeps, SocketDeps } from './socket-deps.ts'
import { socketOptions } from './socket-options.ts'
import { type Arrival, createUpgrades, type Socket, type SocketData } from './upgrade.ts'

/** Most bytes of a frame besides an edit. */
const FRAME_HEAD_BYTES = 64

/** Acknowledgements of all connections leave together this often, milliseconds. */
const ACK_WINDOW_MS = 20

/** Takes WebSockets on the routes of boards and of channels. */
export function registerSockets(app: TemplatedApp, deps: SocketDeps): void {
  const shared: SharedDeps = {
    ...deps,
    ackWindow: new FlushWindow(ACK_WINDOW_MS),
    frameTime: new FrameTime(deps.people),
  }
  const { large, small } = createSocketBehaviors(shared)
  for (const path of UPGRADE_PATHS) app.ws(path, large)
  const channels = createChannelBehavior(shared)
  for (const path of CHANNELS_PATHS) app.ws(path, channels)
  app.ws('/*', small)
}

/** A socket's life, from upgrade to close: of those that take frames of any size, and of all others. */
function createSocketBehaviors(
  deps: SharedDeps,
): Record<'large' | 'small', WebSocketBehavior<SocketData>> {
  const { uws, rooms, connections, unread, backlog, hold, ackWindow, frameTime, metrics, log } =
    deps
  const handleFrame = createFrameHandler(deps)
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
    greet(connection, rooms.get(connection.boardId), deps.assetLimits())
    data.room = rooms.join(connection)
  }

  const upgrades = createUpgrades({
    ...deps,
    mayBeLarge: (userId) => connections.mayBeLarge(userId),
    begin,
  })

  const behavior: WebSocketBehavior<SocketData> = {
    ...socketOptions(uws),

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
      if (connection) frameTime.measure(connection, () => connection.wroteBeside())
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
