import { createServer } from 'node:net'
import { listenError } from '@mindfuse/service-kit'
import type { onRequestHookHandler } from 'fastify'
import type { App } from './app.ts'
import { routeNotFound } from './errors.ts'

/** A port that listens beside the app's own. */
export interface InternalPort {
  /** Stops listening and resolves once its connections have ended; close the app meanwhile. */
  close(): Promise<void>
}

/**
 * Accepts requests on the internal port only: on the other there is no such route. Accepts all where
 * there is no internal port.
 */
export function onInternalPort(internalPort: number | undefined): onRequestHookHandler {
  return (request, _reply, done) => {
    const mayPass = internalPort === undefined || request.socket.localPort === internalPort
    done(mayPass ? undefined : routeNotFound())
  }
}

/** Accepts requests on the internal port only, and where there is none, no request at all. */
export function onInternalPortAlone(internalPort: number | undefined): onRequestHookHandler {
  return (request, _reply, done) => {
    const mayPass = internalPort !== undefined && request.socket.localPort === internalPort
    done(mayPass ? undefined : routeNotFound())
  }
}

/**
 * Opens a second port of the app. Its connections become the HTTP server's own
 * (https://nodejs.org/api/http.html#event-connection), so that all limits and the order of the stop
 * are those of the first.
 *
 * @throws StartupError where the port is taken
 */
export async function openInternalPort(
  app: App,
  { host, port }: { host: string; port: number },
): Promise<InternalPort> {
  // Node's own HTTP server sets both, and its clients wait for a small answer without the second.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    app.server.emit('connection', socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, resolve)
  }).catch((error) => {
    throw listenError(error, 'API_INTERNAL_PORT', port)
  })
  return { close: () => new Promise((resolve) => server.close(() => resolve())) }
}
