import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocket } from 'uWebSockets.js'
import { CLOSE_CODES, SUBPROTOCOL } from '@mindfuse/protocol'
import { type Logger, SPAN_KINDS, type Tracer } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import type { AddressReader } from '../admission/client-address.ts'
import { readUpgradeRequest, type UpgradeRequest } from '../admission/upgrade-request.ts'
import type { Connection } from '../connection/connection.ts'
import type { Grant } from '../connection/grant.ts'
import type { Metrics } from '../metrics.ts'
import { sendProblem } from '../problem-response.ts'
import type { Room } from '../room/room.ts'
import type { ChannelSession } from './channel-session.ts'

/** What is known of a socket: nothing until it has arrived. */
export interface SocketData {
  connection: Connection | undefined
  room: Room | undefined
  /** Of a socket that joins channels in place of a board. */
  session: ChannelSession | undefined
  /** Whom it is of. */
  address: string
}

export type Socket = WebSocket<SocketData>

/** Who was just admitted, and how the socket was negotiated. */
export interface Arrival {
  grant: Grant
  hasText: boolean
  /** Whether it takes frames of any size. */
  isLarge: boolean
  digest: string | undefined
  requestId: string
  traceId: string | undefined
}

/** What uWebSockets.js upgrades a socket into: each has its own largest frame. */
interface Contexts {
  large: us_socket_context_t
  small: us_socket_context_t
}

type Upgrade = (response: HttpResponse, request: HttpRequest, context: us_socket_context_t) => void

/** The part of a socket's life until it may be written to. */
export interface Upgrades {
  upgradeLarge: Upgrade
  upgradeSmall: Upgrade
  /** On routes whose sockets all take frames of one size. */
  upgrade: Upgrade
  /** The socket of the upgrade under way is open. */
  open(socket: Socket): void
  close(socket: Socket): void
}

/** Renders what admission decides: a socket, or a problem. */
export function createUpgrades(deps: {
  admission: Admission
  addressOf: AddressReader
  /** What the gateway is of. */
  version: string
  metrics: Metrics
  tracer?: Tracer | undefined
  /** Whether another socket of a person may take frames of any size. */
  mayBeLarge: (userId: string) => boolean
  /** The socket may be written to; what is sent is one write. Called in the turn of the decision. */
  begin: (socket: Socket, arrival: Arrival) => void
  log: Logger
}): Upgrades {
  const { admission, addressOf, version, metrics, tracer, mayBeLarge, begin, log } = deps
  /** Each behavior has a context, which only a request on one of its routes tells. */
  let small: us_socket_context_t | undefined
  let passedOn: { upgradeRequest: UpgradeRequest; large: us_socket_context_t } | undefined
  /** The socket that the upgrade just made, until it has arrived. */
  let opened: Socket | undefined

  const arrive = (socket: Socket, arrival: Arrival): void => {
    try {
      socket.cork(() => begin(socket, arrival))
      socket.getUserData().connection?.corkEnded()
    } catch (error) {
      log.error({ err: error }, 'connection cannot be opened')
      socket.end(CLOSE_CODES.INTERNAL_ERROR, 'internal error')
    }
  }

  const decide = async (
    response: HttpResponse,
    upgradeRequest: UpgradeRequest,
    contexts: Contexts,
  ): Promise<void> => {
    let isAnswered = false
    response.onAborted(() => {
      isAnswered = true
    })
    const { webSocketKey, webSocketExtensions, subprotocol, digest, requestId } = upgradeRequest
    const span = tracer?.start('upgrade', { kind: SPAN_KINDS.SERVER })
    if (span) upgradeRequest.trace = span.context

    const refusal = await admission.decide(upgradeRequest, (grant) => {
      metrics.admissions.inc({ outcome: 'admitted' })
      span?.end({ attributes: { boardId: grant.boardId, outcome: 'admitted' } })
      if (isAnswered) return
      const data: SocketData = {
        connection: undefined,
        room: undefined,
        session: undefined,
        address: upgradeRequest.address,
      }
      // The upgrade opens the socket before it returns: from here on the response is not ours.
      isAnswered = true
      const isLarge = mayBeLarge(grant.user.id)
      const context = isLarge ? contexts.large : contexts.small
      response.cork(() =>
        response.upgrade(data, webSocketKey, subprotocol, webSocketExtensions, context),
      )
      // Only now: where something is sent inside of that `cork`, its end may take the socket for the
      // HTTP response that it was, and close it without a close frame (uWebSockets.js #1108).
      const socket = opened
      opened = undefined
      const hasText = subprotocol === SUBPROTOCOL
      if (socket) {
        arrive(socket, {
          ...{ grant, hasText, isLarge, digest, requestId },
          traceId: span?.context.traceId,
        })
      }
    })
    if (!refusal) return
    metrics.admissions.inc({ outcome: refusal.code })
    span?.end({ attributes: { outcome: refusal.code } })
    if (!isAnswered) sendProblem(response, refusal, { requestId, version })
  }

  return {
    upgradeLarge(response, request, large) {
      // The request is gone when this returns, and its parameters on the next route.
      const upgradeRequest = readUpgradeRequest(request, addressOf(response, request))
      if (small) {
        void decide(response, upgradeRequest, { large, small })
      } else {
        passedOn = { upgradeRequest, large }
        request.setYield(true)
      }
    },
    upgradeSmall(response, request, context) {
      small = context
      const passed = passedOn
      passedOn = undefined
      if (passed) void decide(response, passed.upgradeRequest, { large: passed.large, small })
      else request.setYield(true)
    },
    upgrade(response, request, context) {
      const upgradeRequest = readUpgradeRequest(request, addressOf(response, request))
      void decide(response, upgradeRequest, { large: context, small: context })
    },
    open(socket) {
      opened = socket
    },
    close(socket) {
      if (opened === socket) opened = undefined
    },
  }
}
