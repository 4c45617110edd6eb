import { createServer, request, type Server } from 'node:http'
import { eventually, startTcpProxy, type TcpProxy } from '@mindfuse/testing'

const HOST = '127.0.0.1'

/**
 * Instances of a service that take turns, as the endpoints of a Service of Kubernetes do: one is taken out and has
 * answered all that it was sent before it is stopped. `tcp` balances connections, `http` requests.
 */
export class Endpoints {
  /** Those that are sent something, by port, with the requests that they have not answered. */
  readonly #ports = new Map<number, number>()
  readonly #leaving = new Map<number, number>()
  #turn = 0
  #server: Server | undefined
  #tcp: TcpProxy | undefined

  private constructor() {}

  static async open(kind: 'http' | 'tcp', port: number): Promise<Endpoints> {
    const endpoints = new Endpoints()
    if (kind === 'tcp') {
      endpoints.#tcp = await startTcpProxy(() => [...endpoints.#ports.keys()], { port })
      return endpoints
    }
    const server = createServer((incoming, outgoing) => {
      const to = endpoints.#next()
      const { method, url, headers } = incoming
      const onward = request({ host: HOST, port: to, method, path: url, headers, agent: false })
      onward.on('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 0, { ...answer.headers, connection: 'keep-alive' })
        answer.pipe(outgoing)
      })
      onward.on('error', (error) => outgoing.writeHead(502).end(`${error}`))
      outgoing.on('close', () => endpoints.#count(to, -1))
      incoming.pipe(onward)
    })
    // Those of people outlive the instances.
    server.keepAliveTimeout = 0
    endpoints.#server = server
    await new Promise<void>((resolve) => server.listen(port, HOST, resolve))
    return endpoints
  }

  add(port: number): void {
    this.#ports.set(port, 0)
  }

  /** Sends it nothing more, and resolves once it has answered what it was sent. */
  async remove(port: number): Promise<void> {
    this.#leaving.set(port, this.#ports.get(port) ?? 0)
    this.#ports.delete(port)
    await eventually(`${port} has answered`, () => this.#leaving.get(port) === 0)
    this.#leaving.delete(port)
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections()
    this.#server?.close()
    await this.#tcp?.stop()
  }

  #next(): number {
    const ports = [...this.#ports.keys()]
    const port = ports[this.#turn++ % ports.length]!
    this.#count(port, 1)
    return port
  }

  #count(port: number, change: 1 | -1): void {
    const counts = this.#ports.has(port) ? this.#ports : this.#leaving
    counts.set(port, (counts.get(port) ?? 0) + change)
  }
}
