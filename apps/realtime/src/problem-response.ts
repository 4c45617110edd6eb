import type { HttpResponse } from 'uWebSockets.js'
import { STATUS_CODES } from 'node:http'
import { PROBLEM_MEDIA_TYPE, type Problem } from '@mindfuse/protocol'
import { type AnswerNames, writeNames } from './answer-names.ts'

/**
 * Answers with an RFC 9457 problem. The response must not have ended or been aborted.
 * @param names see `createNameAnswer`
 * @param origin a page's origin that may read the answer, also with the session cookie
 */
export function sendProblem(
  response: HttpResponse,
  error: { status: number; code: string; message: string },
  names: AnswerNames,
  origin?: string,
): void {
  const title = STATUS_CODES[error.status] ?? 'Error'
  const problem: Problem = {
    type: `urn:mindfuse:problem:${error.code}`,
    title,
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId: names.requestId,
  }
  response.cork(() => {
    response.writeStatus(`${error.status} ${title}`)
    writeNames(response, names)
    response
      .writeHeader('content-type', PROBLEM_MEDIA_TYPE)
      .writeHeader('cache-control', 'no-store')
    if (origin !== undefined) {
      response
        .writeHeader('access-control-allow-origin', origin)
        .writeHeader('access-control-allow-credentials', 'true')
        .writeHeader('vary', 'origin')
    }
    response.end(JSON.stringify(problem))
  })
}
