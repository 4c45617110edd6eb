import { connect, createServer, type Server, type Socket } from 'node:net'

const HOST = '127.0.0.1'

/** A TCP line to a server, at an address of its own, that can be cut and can fall silent. */
export class Line {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  /** @param target address of the server, `redis://host:port` or of any other scheme */
  constructor(target: string) {
    this.#target = new URL(target)
  }

  /** Its own address, once it is open. */
  get url(): string {
    return Object.assign(new URL(this.#target), { host: `${HOST}:${this.#port}` }).href
  }

  /** Listens, at the second time on the port of the first. */
  async open(): Promise<void> {
    const server = createServer((client) => {
      const upstream = connect(Number(this.#target.port), this.#target.hostname)
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket)
        socket.on('error', () => socket.destroy())
        socket.on('close', () => {
          this.#sockets.delete(socket)
          client.destroy()
          upstream.destroy()
        })
      }
      client.pipe(upstream).pipe(client)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, HOST, resolve)
    })
    this.#server = server
    this.#port = (server.address() as { port: number }).port
  }

  /** The server is away: connections end, new ones are refused. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
    this.#server = undefined
  }

  /** The server hangs: connections stay, nothing comes back. */
  mute(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  async close(): Promise<void> {
    if (this.#server) await this.cut()
  }
}
