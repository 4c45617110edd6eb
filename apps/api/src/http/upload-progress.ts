import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sendClientError } from './error-handler.ts'
import { whenClosed } from './when-closed.ts'

/** How often a body that is still arriving must have progressed, milliseconds, and by how much, bytes. */
export const STALL_MS = 30_000
const MIN_PROGRESS_BYTES = 16 * 1024

/**
 * Ends requests whose body stops arriving. One that goes on arriving over a slow line has more time, up to
 * the limit of the server: 16 MiB may take minutes.
 */
export function registerUploadProgress(app: FastifyInstance): void {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>()
  app.addHook('onRequest', (request, reply, done) => {
    const { headers, socket } = request.raw
    const hasBody = headers['transfer-encoding'] !== undefined || headers['content-length'] !== '0'
    if (hasBody && request.method !== 'GET' && request.method !== 'HEAD') {
      let received = socket.bytesRead
      const timer = setInterval(() => {
        if (socket.bytesRead - received < MIN_PROGRESS_BYTES) {
          clearInterval(timer)
          const error = new Error('the body stopped arriving')
          sendClientError(Object.assign(error, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
        }
        received = socket.bytesRead
      }, STALL_MS)
      timers.set(request, timer)
      whenClosed(reply, () => clearInterval(timer))
    }
    done()
  })
  app.addHook('preValidation', (request, _reply, done) => {
    const { raw } = request
    const stop = () => clearInterval(timers.get(request))
    // The body is complete, or its handler reads it.
    if (raw.complete) stop()
    else raw.once('end', stop)
    done()
  })
}
