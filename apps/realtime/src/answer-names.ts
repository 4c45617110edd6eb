import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { randomUUID } from 'node:crypto'
import {
  RELEASE_HEADER,
  REQUEST_ID_HEADER,
  type Release,
  readRequestId,
} from '@mindfuse/service-kit'

/** What each answer says: which request it is to, and of which release it is. */
export interface AnswerNames {
  requestId: string
  version: string
}

/** Names the answer to a request. */
export type NameAnswer = (request: HttpRequest) => AnswerNames

/** @param release what the gateway is of */
export function createNameAnswer({ version }: Release): NameAnswer {
  return (request) => ({ requestId: requestIdOf(request), version })
}

/** How a proxy or client names a request, or a new name. */
export function requestIdOf(request: HttpRequest): string {
  return readRequestId(request.getHeader(REQUEST_ID_HEADER)) ?? randomUUID()
}

/** Call it after `writeStatus`: a header without one makes the status 200. */
export function writeNames(response: HttpResponse, { requestId, version }: AnswerNames): void {
  response.writeHeader(REQUEST_ID_HEADER, requestId).writeHeader(RELEASE_HEADER, version)
}
