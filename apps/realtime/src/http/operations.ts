import type { HttpResponse, TemplatedApp } from 'uWebSockets.js'
import type { Metrics } from '../metrics.ts'
import { sendJson } from './responses.ts'

/** What orchestrators and load balancers ask: whether the event loop turns, and whether to send clients here. */
export function registerHealth(
  app: TemplatedApp,
  deps: {
    health: () => { connections: number; rooms: number }
    readiness: { reasons: readonly string[] }
  },
): void {
  const { health, readiness } = deps
  app
    .get('/health', (response) => sendJson(response, { status: 'ok', ...health() }))
    .get('/live', (response) => sendJson(response, { live: true }))
    .get('/ready', (response) => {
      const { reasons } = readiness
      if (reasons.length === 0) sendJson(response, { ready: true })
      else sendJson(response, { ready: false, reasons }, '503 Service Unavailable')
    })
}

/** What operators ask: `/metrics`. */
export function registerMetrics(app: TemplatedApp, metrics: Metrics): void {
  const renderMetrics = async (response: HttpResponse): Promise<void> => {
    let isAborted = false
    response.onAborted(() => {
      isAborted = true
    })
    const { contentType, body } = await metrics.render()
    if (isAborted) return
    response.cork(() => void response.writeHeader('content-type', contentType).end(body))
  }
  app.get('/metrics', (response) => void renderMetrics(response))
}
