import type { FastifyReply } from 'fastify'

/** Runs once the connection of a request has closed, or its reply was sent: at once if that is past. */
export function whenClosed({ raw }: FastifyReply, run: () => void): void {
  if (raw.destroyed) run()
  else raw.once('close', run)
}
