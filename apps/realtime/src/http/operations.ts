import type { HttpResponse, TemplatedApp } from 'uWebSockets.js'
import { type AnswerNames, type NameAnswer, writeNames } from '../answer-names.ts'
import type { Metrics } from '../metrics.ts'
import { sendJson } from './responses.ts'

/** What orchestrators and load balancers ask: whether the event loop turns, and whether to send clients here. */
export function registerHealth(
  app: TemplatedApp,
  deps: {
    health: () => { connections: number; rooms: number }
    readiness: { reasons: readonly string[] }
    nameAnswer: NameAnswer
  },
): void {
  const { health, readiness, nameAnswer } = deps
  app
    .get('/health', (response, request) =>
      sendJson(response, nameAnswer(request), { status: 'ok', ...health() }),
    )
    .get('/live', (response, request) => sendJson(response, nameAnswer(request), { live: true }))
    .get('/ready', (response, request) => {
      const names = nameAnswer(request)
      const { reasons } = readiness
      if (reasons.length === 0) sendJson(response, names, { ready: true })
      else sendJson(response, names, { ready: false, reasons }, '503 Service Unavailable')
    })
}

/** What operators ask: `/metrics`. */
export function registerMetrics(
  app: TemplatedApp,
  { metrics, nameAnswer }: { metrics: Metrics; nameAnswer: NameAnswer },
): void {
  const renderMetrics = async (response: HttpResponse, names: AnswerNames): Promise<void> => {
    let isAborted = false
    response.onAborted(() => {
      isAborted = true
    })
    const { contentType, body } = await metrics.render()
    if (isAborted) return
    response.cork(() => {
      writeNames(response, names)
      response.writeHeader('content-type', contentType).end(body)
    })
  }
  app.get('/metrics', (response, request) => void renderMetrics(response, nameAnswer(request)))
}
