import { connect, createServer, type Server, type Socket } from 'node:net'
import { Line } from './line.ts'
import { type Direction, ProxiedConnection } from './proxied-connection.ts'

const HOST = '127.0.0.1'

/** What a packet that is lost costs, and twice that if it is lost again: Linux waits that long, milliseconds. */
const RETRANSMISSION_MS = 200

type State =
  | { kind: 'passing'; delayMs: number; lossShare: number }
  /** Connections stay and nothing passes, as behind a router that hangs; or nothing in one direction. */
  | { kind: 'stalled'; only?: Direction | undefined }
  | { kind: 'refusing' }

/** What a proxy may have other than by default. */
export interface TcpProxyOptions {
  /** The port to listen on; a free one by default. */
  port?: number
  /** Resets connections on which nothing moves for so long, milliseconds. */
  cutIdleMs?: number
}

/**
 * A TCP proxy in front of a server, which can fail in the ways in which networks do. It passes each
 * connection to the first of its targets that accepts it, starting from a different one each time, so
 * that it balances, too.
 */
export class TcpProxy {
  readonly #targets: () => readonly URL[]
  readonly #cutIdleMs: number | undefined
  readonly #lines = [new Line(), new Line()] as const
  readonly #connections = new Set<ProxiedConnection>()
  /** Connections that arrived while nothing passes. */
  readonly #pending = new Set<Socket>()
  #server: Server | undefined
  #port: number
  #state: State = { kind: 'passing', delayMs: 0, lossShare: 0 }
  #turn = 0

  /**
   * It does not {@link listen} yet.
   * @param to the address of the server, of any scheme, or a function that returns the local ports that
   * it leads to at present
   */
  constructor(to: string | (() => readonly number[]), options: TcpProxyOptions = {}) {
    this.#targets =
      typeof to === 'string'
        ? () => [new URL(to)]
        : () => to().map((port) => new URL(`tcp://${HOST}:${port}`))
    this.#port = options.port ?? 0
    this.#cutIdleMs = options.cutIdleMs
  }

  get port(): number {
    return this.#port
  }

  /** The same address, but through the proxy. */
  through(url: string): string {
    return Object.assign(new URL(url), { host: `${HOST}:${this.#port}` }).href
  }

  /** Listens; after {@link stop} on the same port again. */
  async listen(): Promise<void> {
    const server = createServer((near) => this.#accept(near))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, HOST, resolve)
    })
    this.#server = server
    this.#port = (server.address() as { port: number }).port
  }

  /** Passes everything on, what was held back first. */
  pass(): void {
    this.slow(0)
  }

  /**
   * Passes everything on `delayMs` later.
   * @param lossShare how much of it is lost at first, and comes later still with all that is behind it
   */
  slow(delayMs: number, lossShare = 0): void {
    this.#state = { kind: 'passing', delayMs, lossShare }
    for (const near of this.#pending) void this.#dial(near)
    this.#pending.clear()
    for (const connection of this.#connections) connection.pump()
  }

  /** Lets so much pass in each direction, all connections together; infinity for no limit. */
  limit(bytesPerSecond: number): void {
    for (const line of this.#lines) line.limit(bytesPerSecond)
  }

  /**
   * Keeps every connection, old and new, and passes nothing on.
   * @param only the one direction in which nothing passes: a server acts on what its answer never says
   */
  stall(only?: Direction): void {
    this.#state = { kind: 'stalled', only }
  }

  /** Resets every connection, and each new one at once. */
  refuse(): void {
    this.#state = { kind: 'refusing' }
    this.cut()
  }

  /** Resets every connection; new ones pass. */
  cut(): void {
    for (const connection of this.#connections) connection.reset()
    for (const near of this.#pending) near.resetAndDestroy()
    this.#pending.clear()
  }

  /** Makes every connection half-open for ever; new ones pass. */
  sever(): void {
    for (const connection of this.#connections) connection.sever()
  }

  /** Resets the clients' side of every connection, which the server never notices. */
  abandon(): void {
    for (const connection of this.#connections) connection.abandon()
  }

  /** Resets every connection and stops listening, as a server that is gone. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    const closed = new Promise<void>((resolve) =>
      server ? server.close(() => resolve()) : resolve(),
    )
    this.cut()
    await closed
  }

  #delayMs(direction: Direction): number | undefined {
    const state = this.#state
    if (state.kind === 'passing') return state.delayMs + retransmissionMs(state.lossShare)
    return state.kind === 'stalled' && state.only && state.only !== direction ? 0 : undefined
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined)
    near.once('close', () => this.#pending.delete(near))
    if (this.#state.kind === 'refusing') near.resetAndDestroy()
    else if (this.#state.kind === 'stalled' && !this.#state.only) this.#pending.add(near)
    else void this.#dial(near)
  }

  async #dial(near: Socket): Promise<void> {
    const turn = this.#turn++
    const targets = this.#targets()
    for (let i = 0; i < targets.length; i++) {
      const far = await dial(targets[(turn + i) % targets.length] as URL)
      if (!far) continue
      if (near.destroyed || !this.#server || this.#state.kind === 'refusing') {
        far.resetAndDestroy()
        break
      }
      const connection = new ProxiedConnection(near, far, {
        lines: this.#lines,
        delayMs: (direction) => this.#delayMs(direction),
        cutIdleMs: this.#cutIdleMs,
        onEnded: () => this.#connections.delete(connection),
      })
      this.#connections.add(connection)
      return
    }
    near.resetAndDestroy()
  }
}

/** How long what was lost again and again took longer, milliseconds. */
function retransmissionMs(lossShare: number): number {
  let ms = 0
  for (let wait = RETRANSMISSION_MS; Math.random() < lossShare; wait *= 2) ms += wait
  return ms
}

/** Starts a proxy that passes everything on. */
export async function startTcpProxy(
  ...to: ConstructorParameters<typeof TcpProxy>
): Promise<TcpProxy> {
  const proxy = new TcpProxy(...to)
  await proxy.listen()
  return proxy
}

function dial({ hostname, port }: URL): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => resolve(socket))
    // Kept for as long as it lives: it may be reset before anything else listens.
    socket.on('error', () => resolve(undefined))
  })
}
