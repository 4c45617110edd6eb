import type { HttpResponse, TemplatedApp } from 'uWebSockets.js'
import type { Metrics } from '../metrics.ts'
import { sendJson } from './responses.ts'

/** What load balancers ask: `/health` and `/ready`. */
export function registerHealth(
  app: TemplatedApp,
  deps: {
    health: () => { connections: number; rooms: number }
    isReady: () => boolean
  },
): void {
  const { health, isReady } = deps
  app
    .get('/health', (response) => sendJson(response, { status: 'ok', ...health() }))
    .get('/ready', (response) => {
      const ready = isReady()
      sendJson(response, { ready }, ready ? '200 OK' : '503 Service Unavailable')
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
