import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js'
import { type Logger, StartupError } from '@mindfuse/service-kit'
import type { OpenFiles } from '../open-files.ts'
import { listenExclusively, type UWebSockets } from '../uws.ts'

/** How often it is checked whether there are descriptors for further connections, milliseconds. */
const CHECK_INTERVAL_MS = 50

/** How long no connections are accepted at least, milliseconds: the log has two lines for each time. */
const MIN_PAUSE_MS = 1_000

/**
 * Where an app listens. It stops for as long as descriptors are scarce: clients are refused then, by the kernel,
 * and try another gateway.
 */
export class Listener {
  readonly #uws: UWebSockets
  readonly #app: TemplatedApp
  readonly #log: Logger
  readonly #places: { host: string; port: number }[] = []
  #sockets: us_listen_socket[] = []
  #timer: NodeJS.Timeout | undefined
  #stoppedAt = 0

  constructor(deps: { uws: UWebSockets; app: TemplatedApp; log: Logger }) {
    this.#uws = deps.uws
    this.#app = deps.app
    this.#log = deps.log
  }

  /**
   * @param openFiles watched from now on
   * @returns the port; 0 picks a free one
   * @throws StartupError that names the setting where the port is in use
   */
  listen(
    { host, port, setting }: { host: string; port: number; setting: string },
    openFiles?: OpenFiles,
  ): number {
    // `localhost` is two addresses, and clients may try either first.
    const hosts = host === 'localhost' ? ['127.0.0.1', '::1'] : [host]
    let boundPort = port
    for (const [i, address] of hosts.entries()) {
      const socket = listenExclusively(this.#uws, this.#app, { host: address, port: boundPort })
      if (socket) {
        boundPort = this.#uws.us_socket_local_port(socket)
        this.#sockets.push(socket)
        this.#places.push({ host: address, port: boundPort })
      } else if (i === 0) {
        throw new StartupError(
          `port ${port} is in use: stop what listens there or set ${setting}`,
          'EADDRINUSE',
        )
      }
    }
    if (openFiles) this.#timer = setInterval(() => this.#watch(openFiles), CHECK_INTERVAL_MS)
    return boundPort
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#close()
  }

  #close(): void {
    for (const socket of this.#sockets.splice(0)) this.#uws.us_listen_socket_close(socket)
  }

  #watch(openFiles: OpenFiles): void {
    const isScarce = openFiles.isScarce()
    if (isScarce === (this.#sockets.length === 0)) return
    if (isScarce) {
      this.#stoppedAt = performance.now()
      this.#close()
      this.#log.warn('open files are used up (ulimit -n): no connections are accepted')
      return
    }
    if (performance.now() - this.#stoppedAt < MIN_PAUSE_MS) return
    for (const place of this.#places) {
      const socket = listenExclusively(this.#uws, this.#app, place)
      if (socket) this.#sockets.push(socket)
    }
    if (this.#sockets.length > 0) this.#log.info('connections are accepted again')
  }
}
