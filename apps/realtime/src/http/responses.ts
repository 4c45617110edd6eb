import type { HttpResponse } from 'uWebSockets.js'
import { type AnswerNames, writeNames } from '../answer-names.ts'

/** How long a browser may cache the answer to a preflight, seconds. */
const PREFLIGHT_MAX_AGE_SECONDS = 600

/**
 * Answers a CORS preflight.
 * @param origin a page's origin that may send `Authorization`
 */
export function sendPreflight(
  response: HttpResponse,
  names: AnswerNames,
  origin: string | undefined,
): void {
  response.cork(() => {
    response.writeStatus('204 No Content')
    writeNames(response, names)
    if (origin !== undefined) {
      response
        .writeHeader('access-control-allow-origin', origin)
        .writeHeader('access-control-allow-credentials', 'true')
        .writeHeader('access-control-allow-headers', 'authorization')
        .writeHeader('access-control-max-age', `${PREFLIGHT_MAX_AGE_SECONDS}`)
        .writeHeader('vary', 'origin')
    }
    response.endWithoutBody()
  })
}

/** Answers with JSON. */
export function sendJson(
  response: HttpResponse,
  names: AnswerNames,
  body: unknown,
  status = '200 OK',
): void {
  response.cork(() => {
    response.writeStatus(status)
    writeNames(response, names)
    response
      .writeHeader('content-type', 'application/json; charset=utf-8')
      .writeHeader('cache-control', 'no-store')
      .end(JSON.stringify(body))
  })
}
