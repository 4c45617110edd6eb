import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether it is about to close, and answers what still comes. */
    isStopping: boolean
  }
}

/** How often it is checked whether kept-alive connections are gone, milliseconds. */
const CHECK_INTERVAL_MS = 20

/** How long a connection that was just accepted may take to send its request, milliseconds. */
const FIRST_REQUEST_MS = 500

/**
 * Ends connections as the server closes. Proxies keep some alive between requests: closing one at the
 * moment at which it brings a request fails that request, which nobody dares to repeat. So they get time to
 * bring one more, and each answer has `Connection: close` (Fastify adds it).
 *
 * Closing then closes the connections that are idle at that moment, and waits for all others. Two kinds would
 * delay it until their clients disconnect:
 *
 * - One with a request in progress at that moment, which stays open after the reply.
 * - One without a request yet, as browsers and balancers open some ahead. Node counts it as busy
 *   (https://nodejs.org/api/http.html#servercloseidleconnections).
 *
 * @param drainMs how long kept-alive connections may bring requests; 0 closes them at once
 */
export function closeConnections(app: FastifyInstance, drainMs: number): void {
  const silent = new Set<Socket>()
  const idle = new Set<Socket>()
  let isClosing = false
  const endSilent = () => {
    for (const socket of silent) socket.destroy()
  }
  app.decorate('isStopping', false)
  app.server.on('connection', (socket) => {
    // The server listens for a moment longer.
    if (isClosing && drainMs === 0) socket.destroy()
    silent.add(socket)
    socket.once('close', () => {
      silent.delete(socket)
      idle.delete(socket)
    })
  })
  app.server.on('request', ({ socket }, response) => {
    silent.delete(socket)
    idle.delete(socket)
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket)
    })
  })
  app.addHook('preClose', async () => {
    app.isStopping = true
    const deadline = performance.now() + drainMs
    while (idle.size > 0 && performance.now() < deadline) await delay(CHECK_INTERVAL_MS)
    isClosing = true
    if (drainMs === 0) endSilent()
    else setTimeout(endSilent, FIRST_REQUEST_MS)
  })
  app.addHook('onResponse', (_request, _reply, done) => {
    // It counts as idle once the turn is over in which its reply ended.
    if (isClosing) setImmediate(() => app.server.closeIdleConnections())
    done()
  })
}
