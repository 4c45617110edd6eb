import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Closing a server closes the connections that are idle at that moment, and waits for all others.
 * Two kinds would delay it until their clients disconnect:
 *
 * - One with a request in progress at that moment, which stays open after the reply.
 * - One without a request yet, as browsers and balancers open some ahead. Node counts it as busy
 *   (https://nodejs.org/api/http.html#servercloseidleconnections).
 */
export function closeIdleConnections(app: FastifyInstance): void {
  const silent = new Set<Socket>()
  let isClosing = false
  app.server.on('connection', (socket) => {
    // The server listens for a moment longer.
    if (isClosing) socket.destroy()
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.on('request', ({ socket }) => silent.delete(socket))
  app.addHook('preClose', async () => {
    isClosing = true
    for (const socket of silent) socket.destroy()
  })
  app.addHook('onResponse', (_request, _reply, done) => {
    // It counts as idle once the turn is over in which its reply ended.
    if (isClosing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })
}
