import type { FastifyReply, FastifyRequest } from 'fastify'
import { whenClosed } from '../http/when-closed.ts'
import type { JobOwner } from './worker/document-workers.ts'

/** The person who makes a request, until its connection closes. */
export function ownerOf(request: FastifyRequest, reply: FastifyReply): JobOwner {
  const cancelled = new AbortController()
  whenClosed(reply, () => cancelled.abort())
  return { person: request.user.id, signal: cancelled.signal }
}
