import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js'
import type { Logger } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import { Refusal } from '../admission/refusal.ts'
import { readUpgradeRequest } from '../admission/upgrade-request.ts'
import type { Connections } from '../connection/connections.ts'
import type { Metrics } from '../metrics.ts'
import { toRefusal } from '../socket/socket-behavior.ts'
import { sendJson, sendPreflight, sendProblem } from './responses.ts'

/** What the gateway's plain HTTP routes need. */
export interface HttpRouteDeps {
  admit: Admission
  connections: Connections
  /** Origins whose pages may read why they are refused. */
  webOrigins: readonly string[]
  metrics: Metrics
  log: Logger
  health: () => { connections: number; rooms: number }
  isReady: () => boolean
}

/** Operations, and the answer to a browser that cannot see why its upgrade failed. */
export function registerHttpRoutes(app: TemplatedApp, deps: HttpRouteDeps): void {
  const { admit, connections, webOrigins, metrics, log, health, isReady } = deps

  const explain = async (response: HttpResponse, request: HttpRequest): Promise<void> => {
    let isAborted = false
    response.onAborted(() => {
      isAborted = true
    })
    const upgradeRequest = readUpgradeRequest(request)
    const { origin } = upgradeRequest
    const refusal = await admit(upgradeRequest)
      .then(({ boardId, user }) => {
        connections.requireRoom(boardId, user)
        return new Refusal(426, 'upgrade_required', 'You may connect: open a WebSocket here')
      })
      .catch((error) => toRefusal(error, log))
    const mayRead = origin !== undefined && webOrigins.includes(origin)
    if (!isAborted) sendProblem(response, refusal, mayRead ? origin : undefined)
  }

  /** A page's `fetch` with `Authorization` asks first whether it may (CORS preflight). */
  const allow = (response: HttpResponse, request: HttpRequest): void => {
    const origin = request.getHeader('origin')
    sendPreflight(response, webOrigins.includes(origin) ? origin : undefined)
  }

  const renderMetrics = async (response: HttpResponse): Promise<void> => {
    let isAborted = false
    response.onAborted(() => {
      isAborted = true
    })
    const { contentType, body } = await metrics.render()
    if (isAborted) return
    response.cork(() => void response.writeHeader('content-type', contentType).end(body))
  }

  app
    .get('/ws', (response, request) => void explain(response, request))
    .get('/ws/:boardId', (response, request) => void explain(response, request))
    .options('/ws', allow)
    .options('/ws/:boardId', allow)
    .get('/health', (response) => sendJson(response, { status: 'ok', ...health() }))
    .get('/ready', (response) => {
      const ready = isReady()
      sendJson(response, { ready }, ready ? '200 OK' : '503 Service Unavailable')
    })
    .get('/metrics', (response) => void renderMetrics(response))
    .any('/*', (response) =>
      sendProblem(response, {
        status: 404,
        code: 'route_not_found',
        message: 'There is no such route',
      }),
    )
}
