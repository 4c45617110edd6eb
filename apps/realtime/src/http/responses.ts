import type { HttpResponse } from 'uWebSockets.js'
import { STATUS_CODES } from 'node:http'
import { PROBLEM_MEDIA_TYPE, type Problem } from '@mindfuse/protocol'

/** How long a browser may remember that it may ask, seconds. */
const PREFLIGHT_MAX_AGE_SECONDS = 600

/**
 * Answers with an RFC 9457 problem. The response must not have ended or been aborted.
 * @param origin a page's origin that may read the answer
 */
export function sendProblem(
  response: HttpResponse,
  error: { status: number; code: string; message: string },
  origin?: string,
): void {
  const title = STATUS_CODES[error.status] ?? 'Error'
  const problem: Problem = {
    type: `urn:mindfuse:problem:${error.code}`,
    title,
    status: error.status,
    detail: error.message,
    code: error.code,
  }
  response.cork(() => {
    response
      .writeStatus(`${error.status} ${title}`)
      .writeHeader('content-type', PROBLEM_MEDIA_TYPE)
      .writeHeader('cache-control', 'no-store')
    if (origin !== undefined) {
      response.writeHeader('access-control-allow-origin', origin).writeHeader('vary', 'origin')
    }
    response.end(JSON.stringify(problem))
  })
}

/**
 * Answers a CORS preflight.
 * @param origin a page's origin that may ask with `Authorization`
 */
export function sendPreflight(response: HttpResponse, origin: string | undefined): void {
  response.cork(() => {
    response.writeStatus('204 No Content')
    if (origin !== undefined) {
      response
        .writeHeader('access-control-allow-origin', origin)
        .writeHeader('access-control-allow-headers', 'authorization')
        .writeHeader('access-control-max-age', `${PREFLIGHT_MAX_AGE_SECONDS}`)
        .writeHeader('vary', 'origin')
    }
    response.endWithoutBody()
  })
}

/** Answers with JSON. */
export function sendJson(response: HttpResponse, body: unknown, status = '200 OK'): void {
  response.cork(() => {
    response
      .writeStatus(status)
      .writeHeader('content-type', 'application/json; charset=utf-8')
      .writeHeader('cache-control', 'no-store')
      .end(JSON.stringify(body))
  })
}
