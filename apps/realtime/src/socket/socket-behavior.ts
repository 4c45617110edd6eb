import type {
  HttpRequest,
  HttpResponse,
  us_socket_context_t,
  WebSocket,
  WebSocketBehavior,
} from 'uWebSockets.js'
import {
  type AnnouncedLimits,
  AWARENESS_BURST,
  AWARENESS_PER_SECOND,
  BROADCAST_BURST,
  BROADCASTS_PER_SECOND,
  CLOSE_CODES,
  EDIT_BURST,
  EDITS_PER_SECOND,
  JOIN_BURST,
  JOINS_PER_SECOND,
  MAX_AWARENESS_BYTES,
  MAX_BOARD_BYTES,
  MAX_BROADCAST_BYTES,
  MAX_CONNECTIONS_PER_BOARD,
  MAX_CONNECTIONS_PER_USER,
  MAX_PRESENCE_BYTES,
  MAX_SYNC_STEP_2_BYTES,
  MAX_UPDATE_BYTES,
  PRESENCE_BURST,
  PRESENCE_PER_SECOND,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import { type Logger, SPAN_KINDS, type Tracer } from '@mindfuse/service-kit'
import type { AccessMonitor } from '../access/access-monitor.ts'
import type { TokenRefresh } from '../access/token-refresh.ts'
import type { Admission, Admitted } from '../admission/admission.ts'
import { Refusal } from '../admission/refusal.ts'
import { readUpgradeRequest, type UpgradeRequest } from '../admission/upgrade-request.ts'
import { Connection, SEND_BUDGET_BYTES } from '../connection/connection.ts'
import type { Connections } from '../connection/connections.ts'
import { FlushWindow } from '../flush-window.ts'
import { sendProblem } from '../http/responses.ts'
import { type Metrics, TIMED_FRAMES } from '../metrics.ts'
import type { Room } from '../room/room.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UWebSockets } from '../uws.ts'
import { parseClientMessage } from './client-message.ts'
import { guardFrame } from './guard-frame.ts'

/** A peer that answers no ping for this long is gone, seconds. */
const IDLE_TIMEOUT_SECONDS = 60

/** Largest frame, bytes: a whole sync step 2 with its head. */
const MAX_FRAME_BYTES = MAX_SYNC_STEP_2_BYTES + 64

/** How often admission is tried again for somebody whose access changes meanwhile. */
const ADMISSION_ATTEMPTS = 5

/** Acknowledgements of a connection leave together this often, milliseconds. */
const ACK_WINDOW_MS = 20

const LIMITS: AnnouncedLimits = {
  maxUpdateBytes: MAX_UPDATE_BYTES,
  maxSyncStep2Bytes: MAX_SYNC_STEP_2_BYTES,
  maxAwarenessBytes: MAX_AWARENESS_BYTES,
  maxPresenceBytes: MAX_PRESENCE_BYTES,
  maxBoardBytes: MAX_BOARD_BYTES,
  editsPerSecond: EDITS_PER_SECOND,
  editBurst: EDIT_BURST,
  awarenessPerSecond: AWARENESS_PER_SECOND,
  awarenessBurst: AWARENESS_BURST,
  presencePerSecond: PRESENCE_PER_SECOND,
  presenceBurst: PRESENCE_BURST,
  joinsPerSecond: JOINS_PER_SECOND,
  joinBurst: JOIN_BURST,
  maxBroadcastBytes: MAX_BROADCAST_BYTES,
  broadcastsPerSecond: BROADCASTS_PER_SECOND,
  broadcastBurst: BROADCAST_BURST,
  connectionsPerBoard: MAX_CONNECTIONS_PER_BOARD,
  connectionsPerUser: MAX_CONNECTIONS_PER_USER,
}

/** Who was just admitted. */
interface Arrival {
  admitted: Admitted
  hasText: boolean
  digest: string | undefined
  traceId: string | undefined
}

/** What is known of a socket: who arrives, until they have their connection and room. */
interface SocketData {
  arrival: Arrival | undefined
  connection: Connection | undefined
  room: Room | undefined
}

/** What the sockets of a gateway need. */
export interface SocketDeps {
  uws: UWebSockets
  admit: Admission
  accessMonitor: AccessMonitor
  refreshToken: TokenRefresh
  rooms: Rooms
  connections: Connections
  metrics: Metrics
  log: Logger
  tracer?: Tracer | undefined
  /** Whether the gateway takes nobody in any more. */
  isStopping: () => boolean
}

/** From upgrade to close: admits, makes the connection, and hands its frames on. */
export function createSocketBehavior(deps: SocketDeps): WebSocketBehavior<SocketData> {
  const { uws, accessMonitor, rooms, connections, metrics, log } = deps
  const ackWindow = new FlushWindow(ACK_WINDOW_MS)
  /** The socket that the upgrade just made, until it is greeted. */
  let opened: WebSocket<SocketData> | undefined

  /** Admits on what is true at this moment: access may have changed while it was looked up. */
  const admitNow = async (request: UpgradeRequest): Promise<Admitted> => {
    for (let attempt = 0; attempt < ADMISSION_ATTEMPTS; attempt++) {
      const admitted = await deps.admit(request)
      if (deps.isStopping()) {
        throw new Refusal(503, 'going_away', 'This gateway is about to stop: try again')
      }
      if (accessMonitor.isUpToDate(admitted)) return admitted
    }
    throw new Refusal(503, 'access_changing', 'Access to this board is being changed: try again')
  }

  const upgrade = async (
    response: HttpResponse,
    request: HttpRequest,
    context: us_socket_context_t,
  ): Promise<void> => {
    let isAnswered = false
    response.onAborted(() => {
      isAnswered = true
    })
    // The request is gone after the first await.
    const upgradeRequest = readUpgradeRequest(request)
    const span = deps.tracer?.start('upgrade', { kind: SPAN_KINDS.SERVER })
    if (span) upgradeRequest.trace = span.context
    try {
      const admitted = await admitNow(upgradeRequest)
      connections.requireRoom(admitted.boardId, admitted.user)
      metrics.admissions.inc({ outcome: 'admitted' })
      span?.end({ attributes: { boardId: admitted.boardId, outcome: 'admitted' } })
      if (isAnswered) return
      const { webSocketKey, webSocketExtensions, subprotocol, digest } = upgradeRequest
      const traceId = span?.context.traceId
      const hasText = subprotocol === SUBPROTOCOL
      const arrival = { admitted, hasText, digest, traceId }
      const data = { arrival, connection: undefined, room: undefined }
      // The upgrade opens the socket before it returns: from here on the response is not ours.
      isAnswered = true
      response.cork(() =>
        response.upgrade<SocketData>(data, webSocketKey, subprotocol, webSocketExtensions, context),
      )
      // Only now: where something is sent inside of that `cork`, its end may take the socket for the
      // HTTP response that it was, and close it without a word (uWebSockets.js #1108).
      const socket = opened
      opened = undefined
      if (socket) open(socket)
    } catch (error) {
      const refusal = toRefusal(error, log, span?.context.traceId)
      metrics.admissions.inc({ outcome: refusal.code })
      span?.end({ attributes: { outcome: refusal.code } })
      if (!isAnswered) sendProblem(response, refusal)
    }
  }

  const begin = (socket: WebSocket<SocketData>, data: SocketData): void => {
    if (!data.arrival) return
    const { admitted, hasText, digest, traceId } = data.arrival
    const connection = new Connection(socket, admitted, {
      hasText,
      digest,
      ackWindow,
      sent: metrics.sent,
    })
    data.connection = connection
    data.arrival = undefined
    connections.add(connection)
    log.info({ ...describe(connection), traceId }, 'connected')
    connection.sendMessage({
      type: 'hello',
      connectionId: connection.id,
      user: connection.user,
      role: connection.role,
      canBroadcast: connection.canBroadcast,
      limits: LIMITS,
      heartbeatSeconds: IDLE_TIMEOUT_SECONDS / 2,
    })
    data.room = rooms.join(connection)
  }

  const open = (socket: WebSocket<SocketData>): void => {
    try {
      const data = socket.getUserData()
      socket.cork(() => begin(socket, data))
      data.connection?.corkEnded()
    } catch (error) {
      log.error({ err: error }, 'connection cannot be opened')
      socket.end(CLOSE_CODES.INTERNAL_ERROR, 'internal error')
    }
  }

  const receiveText = (connection: Connection, room: Room, text: Uint8Array): void => {
    // Nothing else may be so large, so it need not be read to know what it is.
    if (text.length > MAX_BROADCAST_BYTES) {
      room.broadcast.refuse(connection, 'too_large')
      return
    }
    const received = parseClientMessage(text)
    // Of broadcasts each counts: there is no newest that makes up for the ones before.
    if (received.type === 'broadcast') {
      room.broadcast.receive(connection, received)
      return
    }
    connection.conflate(received, (message) => {
      if (message.type === 'auth:refresh') void deps.refreshToken(connection, message.token)
      else if (message.type === 'ping') connection.sendMessage({ type: 'pong' })
      else room.present(connection, message)
    })
  }

  return {
    compression: uws.DISABLED,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    maxPayloadLength: MAX_FRAME_BYTES,
    // Connection closes at its budget; this is for what passes it in a single frame.
    maxBackpressure: 4 * SEND_BUDGET_BYTES,
    closeOnBackpressureLimit: true,

    upgrade: (response, request, context) => void upgrade(response, request, context),

    open(socket) {
      opened = socket
    },

    message(socket, message, isBinary) {
      const { connection, room } = socket.getUserData()
      if (!connection || !room) return
      const bytes = new Uint8Array(message)
      // Without a subprotocol text frames are ignored.
      if (!isBinary && !connection.hasText) return
      const kind = isBinary ? 'binary' : 'text'
      const isTimed = metrics.received[kind].add(bytes.length) % TIMED_FRAMES === 1
      const endTimer = isTimed ? metrics.handling.startTimer({ kind }) : undefined
      if (isBinary) room.receive(connection, bytes)
      else guardFrame(connection, log, () => receiveText(connection, room, bytes))
      // It is corked while a message of its is handled.
      connection.corkEnded()
      endTimer?.()
    },

    drain(socket) {
      const { connection, room } = socket.getUserData()
      if (connection?.catchUp()) room?.catchUp(connection)
    },

    close(socket, code) {
      const { connection, room } = socket.getUserData()
      if (opened === socket) opened = undefined
      if (!connection) return
      connection.markClosed()
      connections.remove(connection)
      if (room) rooms.leave(connection, room)
      metrics.closes.inc({ code })
      log.info({ ...describe(connection), code }, 'disconnected')
    },
  }
}

/** What is no refusal of ours becomes a 500 that says nothing more. */
export function toRefusal(error: unknown, log: Logger, traceId?: string): Refusal {
  if (!(error instanceof Refusal)) {
    log.error({ err: error, traceId }, 'admission failed')
    return new Refusal(500, 'internal_error', 'Something went wrong on our side')
  }
  if (error.status >= 500)
    log.warn({ err: error, code: error.code, traceId }, 'admission impossible')
  else log.info({ code: error.code, traceId }, 'refused')
  return error
}

function describe({ id, boardId, userId, role }: Connection) {
  return { connectionId: id, boardId, userId, role }
}
