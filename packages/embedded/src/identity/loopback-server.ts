import { createServer, type RequestListener, type Server } from 'node:http'
import { listenError } from '@mindfuse/service-kit'
import { errorCode } from '../error-code.ts'

/** Both, since `localhost` may mean either. */
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1']

/** What listens on every loopback address that this machine has. */
export interface LoopbackServer {
  readonly port: number
  /** Stops listening and drops connections. */
  close(): Promise<void>
}

/**
 * Serves HTTP to this machine alone.
 *
 * @param wanted the port; 0 picks a free one
 * @throws StartupError where the port is taken
 */
export async function listenOnLoopback(
  listener: RequestListener,
  wanted: number,
): Promise<LoopbackServer> {
  const servers: Server[] = []
  let port = wanted
  for (const host of LOOPBACK_ADDRESSES) {
    const server = createServer(listener)
    try {
      port = await listen(server, port, host)
      servers.push(server)
    } catch (error) {
      // A machine may have no IPv6, or no IPv4.
      if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errorCode(error))) continue
      await close(servers)
      throw listenError(error, 'IDENTITY_PORT', port)
    }
  }
  return { port, close: () => close(servers) }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

async function close(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    }),
  )
}
