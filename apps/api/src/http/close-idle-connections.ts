import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Closing a server closes the connections that are idle at that moment, and waits for all others.
 * Two kinds would keep it until their clients let go:
 *
 * - One whose request was under way then, and that stays open after its reply.
 * - One that has asked nothing yet, as browsers and balancers open some ahead. Node takes it for busy
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
