import { connect, createServer, type Server, type Socket } from 'node:net'

const HOST = '127.0.0.1'

/** Most bytes that one direction of a connection keeps, besides what the kernel's buffers hold. */
const MAX_KEPT_BYTES = 1024 * 1024

type LinkState =
  | { kind: 'open'; delayMs: number }
  /** Connections stand and nothing passes, as behind a router that hangs. */
  | { kind: 'stalled'; endsWithReset: boolean }
  /** Nobody gets through; everybody is told. */
  | { kind: 'cut' }

/**
 * A stretch of the network between two services: a TCP proxy that can be cut, stalled, slowed and
 * healed. It passes each connection to the first of its targets that accepts it, from a different
 * one on each time, so that it balances, too.
 */
export class Link {
  readonly name: string
  readonly port: number
  readonly #targets: () => readonly number[]
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  readonly #waiting = new Set<Socket>()
  #state: LinkState = { kind: 'open', delayMs: 0 }
  #healTimer: NodeJS.Timeout | undefined
  #turn = 0

  private constructor(name: string, port: number, targets: () => readonly number[]) {
    this.name = name
    this.port = port
    this.#targets = targets
    this.#server = createServer((near) => this.#accept(near))
  }

  /** Listens on `port`. @param targets the ports that the link leads to at present */
  static async open(name: string, port: number, targets: () => readonly number[]): Promise<Link> {
    const link = new Link(name, port, targets)
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject)
      link.#server.listen(port, HOST, resolve)
    })
    return link
  }

  /** Resets every connection, and new ones until it is healed, after `forMs` at the latest. */
  cut(forMs: number): void {
    this.reset()
    this.#disturb({ kind: 'cut' }, forMs)
  }

  /**
   * Lets nothing pass until it is healed, after `forMs` at the latest. Bytes that are on their way
   * arrive then, unless it ends with a reset of every connection.
   */
  stall(forMs: number, { endsWithReset }: { endsWithReset: boolean }): void {
    this.#disturb({ kind: 'stalled', endsWithReset }, forMs)
  }

  /** Lets everything pass later. */
  slow(delayMs: number): void {
    this.#state = { kind: 'open', delayMs }
    this.#resume()
  }

  /** Makes every connection half-open for ever: neither side hears the other again, or of its end. */
  sever(): void {
    for (const pair of this.#pairs) pair.sever()
  }

  /** The near side's connections are reset, and the far side never hears of it. */
  abandon(): void {
    for (const pair of this.#pairs) pair.abandon()
  }

  heal(): void {
    clearTimeout(this.#healTimer)
    if (this.#state.kind === 'stalled' && this.#state.endsWithReset) this.reset()
    this.slow(0)
  }

  close(): void {
    clearTimeout(this.#healTimer)
    this.#server.close()
    this.reset()
  }

  #disturb(state: LinkState, forMs: number): void {
    clearTimeout(this.#healTimer)
    this.#state = state
    this.#healTimer = setTimeout(() => this.heal(), forMs)
  }

  /** Resets every connection; new ones pass. */
  reset(): void {
    for (const pair of this.#pairs) pair.reset()
    for (const near of this.#waiting) near.resetAndDestroy()
    this.#waiting.clear()
  }

  #resume(): void {
    for (const near of this.#waiting) void this.#dial(near)
    this.#waiting.clear()
    for (const pair of this.#pairs) pair.pump()
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined)
    near.once('close', () => this.#waiting.delete(near))
    if (this.#state.kind === 'cut') near.resetAndDestroy()
    else if (this.#state.kind === 'stalled') this.#waiting.add(near)
    else void this.#dial(near)
  }

  async #dial(near: Socket): Promise<void> {
    const turn = this.#turn++
    const targets = this.#targets()
    for (let i = 0; i < targets.length; i++) {
      const far = await dial(targets[(turn + i) % targets.length] as number)
      if (!far) continue
      if (near.destroyed || this.#state.kind === 'cut') {
        far.resetAndDestroy()
        break
      }
      const pair = new Pair(near, far, {
        delayMs: () => (this.#state.kind === 'open' ? this.#state.delayMs : undefined),
        onEnded: () => this.#pairs.delete(pair),
      })
      this.#pairs.add(pair)
      return
    }
    near.resetAndDestroy()
  }
}

function dial(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST)
    socket.setNoDelay(true)
    socket.once('connect', () => resolve(socket))
    // Kept for as long as it lives: it may be reset before anybody else listens.
    socket.on('error', () => resolve(undefined))
  })
}

/** One connection through a link. */
class Pair {
  readonly #sockets: readonly [near: Socket, far: Socket]
  readonly #flows: readonly Flow[]
  #isSevered = false

  constructor(
    near: Socket,
    far: Socket,
    options: { delayMs: () => number | undefined; onEnded: () => void },
  ) {
    this.#sockets = [near, far]
    near.setNoDelay(true)
    // A severed pair stands still for ever, whatever its link does.
    const delayMs = () => (this.#isSevered ? undefined : options.delayMs())
    this.#flows = [new Flow(near, far, delayMs), new Flow(far, near, delayMs)]
    for (const socket of this.#sockets) {
      socket.once('close', () => {
        if (this.#sockets.every(({ destroyed }) => destroyed)) options.onEnded()
      })
    }
  }

  pump(): void {
    for (const flow of this.#flows) flow.pump()
  }

  sever(): void {
    this.#isSevered = true
  }

  abandon(): void {
    this.sever()
    this.#sockets[0].resetAndDestroy()
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}

/** One direction of a connection: bytes that arrive, and go on when they are due. */
class Flow {
  readonly #from: Socket
  readonly #to: Socket
  readonly #delayMs: () => number | undefined
  readonly #kept: { chunk: Buffer; dueAt: number }[] = []
  #keptBytes = 0
  #isEnded = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, delayMs: () => number | undefined) {
    this.#from = from
    this.#to = to
    this.#delayMs = delayMs
    from.on('data', (chunk: Buffer) => {
      this.#kept.push({ chunk, dueAt: performance.now() + (delayMs() ?? 0) })
      this.#keptBytes += chunk.length
      if (this.#keptBytes > MAX_KEPT_BYTES) from.pause()
      this.pump()
    })
    from.once('close', () => {
      this.#isEnded = true
      this.pump()
    })
  }

  /** Passes on what is due, and the end of it behind the last byte. */
  pump(): void {
    if (this.#delayMs() === undefined) return
    clearTimeout(this.#timer)
    const now = performance.now()
    for (let first = this.#kept[0]; first; first = this.#kept[0]) {
      if (first.dueAt > now) {
        this.#timer = setTimeout(() => this.pump(), first.dueAt - now)
        return
      }
      this.#kept.shift()
      this.#keptBytes -= first.chunk.length
      if (!this.#to.destroyed) this.#to.write(first.chunk)
    }
    if (this.#isEnded) this.#to.end(() => this.#to.destroy())
    else if (this.#from.isPaused()) this.#from.resume()
  }
}
