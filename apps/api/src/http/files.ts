import type { FastifyReply, FastifyRequest } from 'fastify'

/** A file never changes under its digest. Not for caches between a reader and the API. */
export const FOR_EVER = 'private, max-age=31536000, immutable'

/** No scripts and no origin, where a browser opens a file by itself. */
export const SANDBOX =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/** The answer is for the holder of this token: another user of the browser must ask with theirs. */
export function varyByToken(reply: FastifyReply): FastifyReply {
  return reply.header('vary', 'authorization, origin')
}

/** A hook: anyone with the address may read the answer, pages of any origin included. */
export async function openToPages(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply
    .header('access-control-allow-origin', '*')
    .removeHeader('access-control-allow-credentials')
    .header('cross-origin-resource-policy', 'cross-origin')
}
