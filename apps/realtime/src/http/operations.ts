import type { HttpResponse, TemplatedApp } from 'uWebSockets.js'
import type { Metrics } from '../metrics.ts'
import { sendJson } from './responses.ts'

/** What operators and load balancers ask: `/health`, `/ready` and `/metrics`. */
export function registerOperations(
  app: TemplatedApp,
  deps: {
    metrics: Metrics
    health: () => { connections: number; rooms: number }
    isReady: () => boolean
  },
): void {
  const { metrics, health, isReady } = deps

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
    .get('/health', (response) => sendJson(response, { status: 'ok', ...health() }))
    .get('/ready', (response) => {
      const ready = isReady()
      sendJson(response, { ready }, ready ? '200 OK' : '503 Service Unavailable')
    })
    .get('/metrics', (response) => void renderMetrics(response))
}
