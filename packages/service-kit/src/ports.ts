import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { StartupError } from './startup-error.ts'

/** The address to listen on: `host`, or IPv4 alone where it is `::` and this machine has no IPv6. */
export function listenHost(host: string): string {
  if (host !== '::') return host
  const addresses = Object.values(networkInterfaces()).flatMap((known) => known ?? [])
  return addresses.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0'
}

/**
 * The port to listen on: `port` itself, or a free one where it is 0, for those who must know
 * their address before they listen.
 */
export async function resolvePort(port: number, host: string): Promise<number> {
  if (port !== 0) return port
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen({ port: 0, host }, resolve)
  })
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was assigned')
  return address.port
}

/** What `localhost` may mean. */
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1']

/**
 * Makes sure that no other program has a port on either address of `localhost`: browsers may try either
 * first, and would show what that program serves.
 *
 * @throws StartupError where the port is in use
 */
export async function requireFreeOnLoopback(port: number, setting: string): Promise<void> {
  for (const host of LOOPBACK_ADDRESSES) {
    const probe = createServer()
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject)
      probe.listen({ port, host }, resolve)
    }).catch((error) => {
      // A machine may have no IPv6, or no IPv4.
      if (['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)) return
      throw listenError(error, setting, port)
    })
    await new Promise((resolve) => probe.close(resolve))
  }
}

/** Turns a failed listen into one line that names the setting to change. */
export function listenError(error: unknown, setting: string, port: number): unknown {
  const code = (error as { code?: string }).code
  if (code === 'EADDRINUSE') {
    return new StartupError(
      `port ${port} is in use: stop what listens there or set ${setting}`,
      code,
    )
  }
  if (code === 'EACCES') {
    return new StartupError(`port ${port} cannot be used by this user: set ${setting}`, code)
  }
  return error
}
