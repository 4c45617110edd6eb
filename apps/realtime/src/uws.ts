import type * as uWS from 'uWebSockets.js'
import { createRequire } from 'node:module'
import { StartupError } from '@mindfuse/service-kit'

/** The part of uWebSockets.js that the gateway uses; both builds have it. */
export type UWebSockets = Pick<
  typeof uWS,
  'App' | 'DISABLED' | 'us_listen_socket_close' | 'us_socket_local_port'
> & {
  /** Missing from the type definitions as a value. */
  LIBUS_LISTEN_EXCLUSIVE_PORT: number
}

/** Both builds take an address together with options; the type definitions know only either. */
type Listen = (
  host: string,
  port: number,
  options: number,
  callback: (listenSocket: uWS.us_listen_socket | false) => void,
) => void

/**
 * The two builds, the newer first. uWebSockets.js is not on npm under its own name; see
 * docs/adr/0003-uwebsockets-builds.md. Of the older one the binary itself is named, because its
 * main module would fall back to a slow JavaScript server without failing.
 */
const BUILDS = [
  'uWebSockets.js',
  `@trufflesuite/uws-js-unofficial/binaries/uws_${process.platform}_${process.arch}_${process.versions.modules}.node`,
]

/**
 * Loads the first build that runs on this machine.
 * @throws StartupError that says what to install, where none does
 */
export function loadUWebSockets(
  require: (id: string) => unknown = createRequire(import.meta.url),
): UWebSockets {
  const failures: string[] = []
  for (const build of BUILDS) {
    try {
      return require(build) as UWebSockets
    } catch (error) {
      const reason = (error as Error).message.trim().split('\n').at(-1)
      failures.push(`  ${build}: ${reason}`)
    }
  }
  throw new StartupError(
    [
      `uWebSockets.js does not load on ${process.platform}-${process.arch} with Node ${process.version}:`,
      ...failures,
      'It needs Node 20, 22, 24 or 25 with glibc 2.38 (Debian 13, Ubuntu 24.04), or Node 20 with glibc 2.27;',
      'run `npm install` there, with optional dependencies.',
    ].join('\n'),
  )
}

/**
 * Listens on one address. Without the exclusive option a second process could listen on the same
 * port, and the kernel would share the connections out between the two.
 *
 * @returns the listen socket, or false where the port is taken
 */
export function listenExclusively(
  uws: UWebSockets,
  app: uWS.TemplatedApp,
  address: { host: string; port: number },
): uWS.us_listen_socket | false {
  let result: uWS.us_listen_socket | false = false
  const listen: Listen = app.listen.bind(app) as unknown as Listen
  // The callback runs before this call returns.
  listen(address.host, address.port, uws.LIBUS_LISTEN_EXCLUSIVE_PORT, (listenSocket) => {
    result = listenSocket
  })
  return result
}
