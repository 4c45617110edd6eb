import type { us_listen_socket } from 'uWebSockets.js'
import { CLOSE_CODES } from '@mindfuse/protocol'
import { type Logger, StartupError } from '@mindfuse/service-kit'
import type { SharedState } from '@mindfuse/shared-state'
import { createAdmission } from './admission/admission.ts'
import { createPermissionLookup } from './admission/permissions.ts'
import { createTokenVerifier } from './admission/token-verifier.ts'
import type { Connection } from './connection/connection.ts'
import { createSocketBehavior } from './connection/socket-behavior.ts'
import { sendJson, sendProblem } from './http/problem-response.ts'
import { Rooms } from './room/rooms.ts'
import { createApiClient } from './storage/api-client.ts'
import { listenExclusively, loadUWebSockets } from './uws.ts'

/** What a gateway is built from. */
export interface GatewayDeps {
  sharedState: SharedState
  log: Logger
  /** Exact origins whose pages may connect. */
  webOrigins: readonly string[]
  /** Where the API answers the gateway. */
  apiUrl: string
  internalSecret: string
}

/** A gateway that is built and may listen. */
export interface Gateway {
  /** Listens and returns the port, which is a free one for 0. @throws StartupError in use */
  listen(options: { host: string; port: number }): number
  /** Closes all connections with 1012, and resolves once all their edits are stored. */
  stop(): Promise<void>
}

/** Builds a gateway. @throws StartupError where uWebSockets.js does not load */
export function buildGateway(deps: GatewayDeps): Gateway {
  const { log, sharedState, webOrigins, apiUrl } = deps
  const uws = loadUWebSockets()
  const api = createApiClient({ url: apiUrl, secret: deps.internalSecret })
  const admit = createAdmission({
    webOrigins,
    verifyToken: createTokenVerifier({ apiUrl }),
    permissionOf: createPermissionLookup({ cache: sharedState.permissions, api, log }),
  })
  const rooms = new Rooms({ api, log })
  const connections = new Set<Connection>()
  const listenSockets: us_listen_socket[] = []

  const behavior = createSocketBehavior({ uws, admit, rooms, connections, log })
  const app = uws
    .App()
    .ws('/ws', behavior)
    .ws('/ws/:boardId', behavior)
    .get('/health', (response) =>
      sendJson(response, { status: 'ok', connections: connections.size, rooms: rooms.size }),
    )
    .any('/*', (response) =>
      sendProblem(response, {
        status: 404,
        code: 'route_not_found',
        message: 'There is no such route',
      }),
    )

  return {
    listen({ host, port }) {
      // `localhost` is two addresses, and clients may try either first.
      const hosts = host === 'localhost' ? ['127.0.0.1', '::1'] : [host]
      let boundPort = port
      for (const [i, address] of hosts.entries()) {
        const listenSocket = listenExclusively(uws, app, { host: address, port: boundPort })
        if (listenSocket) {
          listenSockets.push(listenSocket)
          boundPort = uws.us_socket_local_port(listenSocket)
        } else if (i === 0) {
          throw portInUse(port)
        }
      }
      return boundPort
    },

    async stop() {
      for (const listenSocket of listenSockets.splice(0)) uws.us_listen_socket_close(listenSocket)
      rooms.closeAll(CLOSE_CODES.SERVICE_RESTART, 'the service restarts')
      await rooms.flush()
      app.close()
    },
  }
}

function portInUse(port: number): StartupError {
  return new StartupError(`port ${port} is in use: stop what listens there or set REALTIME_PORT`)
}
