import type {
  HttpRequest,
  HttpResponse,
  us_socket_context_t,
  WebSocketBehavior,
} from 'uWebSockets.js'
import { MAX_SYNC_STEP_2_BYTES } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import type { Admission, Admitted } from '../admission/admission.ts'
import { Refusal } from '../admission/refusal.ts'
import { readUpgradeRequest } from '../admission/upgrade-request.ts'
import { sendProblem } from '../http/problem-response.ts'
import type { Room } from '../room/room.ts'
import type { Rooms } from '../room/rooms.ts'
import type { UWebSockets } from '../uws.ts'
import { Connection } from './connection.ts'

/** A peer that answers no ping for this long is gone, seconds. */
const IDLE_TIMEOUT_SECONDS = 60

/** Largest frame, bytes: a whole sync step 2 with its head. */
const MAX_FRAME_BYTES = MAX_SYNC_STEP_2_BYTES + 64

/** Bytes a reader may be behind before it is closed. */
const SEND_BUDGET_BYTES = 32 * 1024 * 1024

/** Most upgrades that are being decided on at a time. */
const MAX_PENDING_ADMISSIONS = 1_000

/** What is known of a socket: who was admitted, and from `open` on its connection and room. */
interface SocketData {
  admitted: Admitted
  connection?: Connection
  room?: Room
}

/** From upgrade to close: admits, makes the connection, and hands its frames to its room. */
export function createSocketBehavior(deps: {
  uws: UWebSockets
  admit: Admission
  rooms: Rooms
  connections: Set<Connection>
  log: Logger
}): WebSocketBehavior<SocketData> {
  const { uws, admit, rooms, connections, log } = deps
  let pendingAdmissions = 0

  const upgrade = async (
    response: HttpResponse,
    request: HttpRequest,
    context: us_socket_context_t,
  ): Promise<void> => {
    let isAborted = false
    response.onAborted(() => {
      isAborted = true
    })
    // The request is gone after the first await.
    const upgradeRequest = readUpgradeRequest(request)
    if (pendingAdmissions >= MAX_PENDING_ADMISSIONS) {
      return sendProblem(response, new Refusal(503, 'busy', 'Too many people arrive at once'))
    }
    pendingAdmissions++
    try {
      const admitted = await admit(upgradeRequest)
      if (isAborted) return
      const { webSocketKey, webSocketExtensions } = upgradeRequest
      response.cork(() =>
        response.upgrade<SocketData>({ admitted }, webSocketKey, '', webSocketExtensions, context),
      )
    } catch (error) {
      const refusal = toRefusal(error, log)
      if (!isAborted) sendProblem(response, refusal)
    } finally {
      pendingAdmissions--
    }
  }

  return {
    compression: uws.DISABLED,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    maxPayloadLength: MAX_FRAME_BYTES,
    maxBackpressure: SEND_BUDGET_BYTES,
    closeOnBackpressureLimit: true,

    upgrade: (response, request, context) => void upgrade(response, request, context),

    open(socket) {
      const data = socket.getUserData()
      const connection = new Connection(socket, data.admitted)
      data.connection = connection
      connections.add(connection)
      log.info(describe(connection), 'connected')
      data.room = rooms.join(connection)
    },

    message(socket, message, isBinary) {
      const { connection, room } = socket.getUserData()
      if (connection && room && isBinary) room.receive(connection, new Uint8Array(message))
    },

    close(socket, code) {
      const { connection, room } = socket.getUserData()
      if (!connection) return
      connection.markClosed()
      connections.delete(connection)
      if (room) rooms.leave(connection, room)
      log.info({ ...describe(connection), code }, 'disconnected')
    },
  }
}

function toRefusal(error: unknown, log: Logger): Refusal {
  if (!(error instanceof Refusal)) {
    log.error({ err: error }, 'admission failed')
    return new Refusal(500, 'internal_error', 'Something went wrong on our side')
  }
  if (error.status >= 500) log.warn({ err: error, code: error.code }, 'admission impossible')
  else log.info({ code: error.code }, 'refused')
  return error
}

function describe({ id, boardId, userId, role }: Connection) {
  return { connectionId: id, boardId, userId, role }
}
