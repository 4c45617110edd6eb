import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocket } from 'uWebSockets.js'
import { SUBPROTOCOL } from '@mindfuse/protocol'
import { SPAN_KINDS, type Tracer } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import { readUpgradeRequest } from '../admission/upgrade-request.ts'
import type { Connection } from '../connection/connection.ts'
import type { Grant } from '../connection/grant.ts'
import type { Metrics } from '../metrics.ts'
import { sendProblem } from '../problem-response.ts'
import type { Room } from '../room/room.ts'

/** What is known of a socket: nothing until it has arrived. */
export interface SocketData {
  connection: Connection | undefined
  room: Room | undefined
}

export type Socket = WebSocket<SocketData>

/** Who was just admitted, and how the socket was negotiated. */
export interface Arrival {
  grant: Grant
  hasText: boolean
  digest: string | undefined
  traceId: string | undefined
}

/** The part of a socket's life until it may be written to. */
export interface Upgrades {
  upgrade(response: HttpResponse, request: HttpRequest, context: us_socket_context_t): void
  /** The socket of the upgrade under way is open. */
  open(socket: Socket): void
  close(socket: Socket): void
}

/** Renders what admission decides: a socket, or a problem. */
export function createUpgrades(deps: {
  admission: Admission
  metrics: Metrics
  tracer?: Tracer | undefined
  /** The socket may be written to. Called in the turn of the decision. */
  onArrival: (socket: Socket, arrival: Arrival) => void
}): Upgrades {
  const { admission, metrics, tracer, onArrival } = deps
  /** The socket that the upgrade just made, until it has arrived. */
  let opened: Socket | undefined

  const decide = async (
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
    const { webSocketKey, webSocketExtensions, subprotocol, digest } = upgradeRequest
    const span = tracer?.start('upgrade', { kind: SPAN_KINDS.SERVER })
    if (span) upgradeRequest.trace = span.context

    const refusal = await admission.decide(upgradeRequest, (grant) => {
      metrics.admissions.inc({ outcome: 'admitted' })
      span?.end({ attributes: { boardId: grant.boardId, outcome: 'admitted' } })
      if (isAnswered) return
      const data: SocketData = { connection: undefined, room: undefined }
      // The upgrade opens the socket before it returns: from here on the response is not ours.
      isAnswered = true
      response.cork(() =>
        response.upgrade(data, webSocketKey, subprotocol, webSocketExtensions, context),
      )
      // Only now: where something is sent inside of that `cork`, its end may take the socket for the
      // HTTP response that it was, and close it without a close frame (uWebSockets.js #1108).
      const socket = opened
      opened = undefined
      const hasText = subprotocol === SUBPROTOCOL
      if (socket) onArrival(socket, { grant, hasText, digest, traceId: span?.context.traceId })
    })
    if (!refusal) return
    metrics.admissions.inc({ outcome: refusal.code })
    span?.end({ attributes: { outcome: refusal.code } })
    if (!isAnswered) sendProblem(response, refusal)
  }

  return {
    upgrade: (response, request, context) => void decide(response, request, context),
    open(socket) {
      opened = socket
    },
    close(socket) {
      if (opened === socket) opened = undefined
    },
  }
}
