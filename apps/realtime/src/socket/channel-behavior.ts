import type { WebSocketBehavior } from 'uWebSockets.js'
import {
  type ChannelClientMessage,
  MAX_BROADCAST_BYTES,
  MalformedFrameError,
} from '@mindfuse/protocol'
import { Connection } from '../connection/connection.ts'
import { guardFrame } from '../connection/guard-frame.ts'
import { countFrame } from '../metrics.ts'
import { ChannelSession } from './channel-session.ts'
import { parseChannelMessage } from './client-message.ts'
import { Conflation } from './conflation.ts'
import { greetOnChannels } from './greeting.ts'
import type { SharedDeps } from './socket-deps.ts'
import { socketOptions } from './socket-options.ts'
import { type Arrival, createUpgrades, type Socket, type SocketData } from './upgrade.ts'

/** Largest frame, bytes: one over the limit of messages is refused, one over this ends its connection. */
const MAX_FRAME_BYTES = 4 * MAX_BROADCAST_BYTES

/** The life of a socket that joins channels, from upgrade to close. */
export function createChannelBehavior(deps: SharedDeps): WebSocketBehavior<SocketData> {
  const { uws, connections, unread, backlog, hold, ackWindow, frameTime, metrics, log } = deps
  const shared = { ackWindow, sent: metrics.sent, unread, hold }
  const sessionDeps = { ...deps, shared, conflation: new Conflation<ChannelClientMessage>() }

  const begin = (socket: Socket, { grant, requestId, traceId, ...negotiated }: Arrival): void => {
    const host = new Connection(socket, grant, {
      ...{ ...negotiated, ...shared, backlog },
      hasText: true,
      oversizedForMs: 0,
    })
    const data = socket.getUserData()
    data.connection = host
    data.session = new ChannelSession(socket, host, sessionDeps)
    connections.add(host)
    log.info({ ...describe(host), ip: data.address, requestId, traceId }, 'connected to channels')
    greetOnChannels(host)
  }

  const upgrades = createUpgrades({
    ...deps,
    mayBeLarge: () => false,
    begin,
  })

  const handle = (session: ChannelSession, host: Connection, bytes: Uint8Array): void => {
    // Refused unread.
    if (bytes.length > MAX_BROADCAST_BYTES) host.sendMessage({ type: 'error', code: 'too_large' })
    else session.receive(parseChannelMessage(bytes))
  }

  return {
    ...socketOptions(uws),
    maxPayloadLength: MAX_FRAME_BYTES,
    upgrade: upgrades.upgrade,
    open: upgrades.open,

    message(socket, message, isBinary) {
      const { connection: host, session } = socket.getUserData()
      if (!host || !session) return
      frameTime.measure(host, () => {
        const endTimer = countFrame(metrics, { bytes: message.byteLength, isBinary })
        guardFrame(host, log, () => {
          if (isBinary) throw new MalformedFrameError('channels have text frames alone')
          handle(session, host, new Uint8Array(message))
        })
        endTimer?.()
      })
      session.corkEnded()
    },

    ping(socket) {
      const { connection: host } = socket.getUserData()
      if (host) frameTime.measure(host, () => host.wroteBeside())
    },

    drain(socket) {
      socket.getUserData().session?.drained()
    },

    close(socket, code) {
      upgrades.close(socket)
      const { connection: host, session, address: ip } = socket.getUserData()
      if (!host) return
      host.markClosed()
      connections.remove(host)
      session?.end()
      metrics.closes.inc({ code })
      log.info({ ...describe(host), ip, code }, 'disconnected from channels')
    },
  }
}

function describe({ id, userId }: Connection) {
  return { connectionId: id, userId }
}
