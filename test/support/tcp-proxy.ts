import { connect, createServer, type Socket } from 'node:net'

const HOST = '127.0.0.1'

/** What a proxy does with what it gets. */
type Mode = 'pass' | 'stall' | 'refuse'

/** A TCP proxy before a server, to spoil the line to it. */
export interface TcpProxy {
  port: number
  /** When each connection was made, milliseconds since 1970. */
  readonly connectedAt: readonly number[]
  /** Connections that are open, and the most that were at a time. */
  readonly open: number
  readonly mostOpen: number
  /** Passes on everything again, on lines that are open too. */
  pass(): void
  /** Keeps every line open and passes nothing on: half-open, as far as either side can tell. */
  stall(): void
  /** Cuts every line, and each new one at once. */
  refuse(): void
  /** Cuts every line. */
  cut(): void
  stop(): Promise<void>
}

/** Starts a proxy. `cutIdleMs` makes it cut lines on which nothing moves for so long. */
export async function startTcpProxy(
  target: { port: number },
  options: { cutIdleMs?: number } = {},
): Promise<TcpProxy> {
  const connectedAt: number[] = []
  const lines = new Set<{ client: Socket; server: Socket }>()
  let mode: Mode = 'pass'
  let mostOpen = 0

  const server = createServer((client) => {
    connectedAt.push(Date.now())
    if (mode === 'refuse') {
      client.destroy()
      return
    }
    const line = { client, server: connect(target.port, HOST) }
    lines.add(line)
    mostOpen = Math.max(mostOpen, lines.size)
    for (const [from, to] of [
      [line.client, line.server],
      [line.server, line.client],
    ] as const) {
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause()
      })
      to.on('drain', () => {
        if (mode === 'pass') from.resume()
      })
      from.on('error', () => from.destroy())
      from.on('close', () => {
        lines.delete(line)
        to.destroy()
      })
      if (mode === 'stall') from.pause()
      if (options.cutIdleMs) from.setTimeout(options.cutIdleMs, () => from.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')

  const cut = () => {
    for (const line of lines) {
      line.client.destroy()
      line.server.destroy()
    }
  }
  return {
    port: address.port,
    connectedAt,
    get open() {
      return lines.size
    },
    get mostOpen() {
      return mostOpen
    },
    pass() {
      mode = 'pass'
      for (const line of lines) {
        line.client.resume()
        line.server.resume()
      }
    },
    stall() {
      mode = 'stall'
      for (const line of lines) {
        line.client.pause()
        line.server.pause()
      }
    },
    refuse() {
      mode = 'refuse'
      cut()
    },
    cut,
    stop() {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
