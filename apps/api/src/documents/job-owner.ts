import type { FastifyReply, FastifyRequest } from 'fastify'
import type { JobOwner } from './worker/document-workers.ts'

/** The person who makes a request, until its connection closes. */
export function ownerOf(request: FastifyRequest, reply: FastifyReply): JobOwner {
  const cancelled = new AbortController()
  if (reply.raw.destroyed) cancelled.abort()
  reply.raw.once('close', () => cancelled.abort())
  return { person: request.user.id, signal: cancelled.signal }
}
