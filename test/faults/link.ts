import { startTcpProxy, type TcpProxy } from '@mindfuse/testing'
import { DROPS_PACKETS, PacketDrops } from './packets.ts'

/** A stretch of the network between two services, whose disturbances end by themselves. */
export class Link {
  readonly name: string
  readonly #proxy: TcpProxy
  readonly #drops: PacketDrops | undefined
  /** Whether every connection is reset when it heals. */
  #endsWithReset = false
  #healTimer: NodeJS.Timeout | undefined

  private constructor(name: string, proxy: TcpProxy) {
    this.name = name
    this.#proxy = proxy
    this.#drops = DROPS_PACKETS ? new PacketDrops(proxy.port) : undefined
  }

  /** Listens on `port`. @param targets the ports that the link leads to at present */
  static async open(name: string, port: number, targets: () => readonly number[]): Promise<Link> {
    return new Link(name, await startTcpProxy(targets, { port }))
  }

  get port(): number {
    return this.#proxy.port
  }

  /** Resets every connection, and new ones until it is healed, after `forMs` at the latest. */
  cut(forMs: number): void {
    this.#healAfter(forMs, { endsWithReset: false })
    this.#proxy.refuse()
  }

  /**
   * Lets nothing pass until it is healed, after `forMs` at the latest. Bytes that are on their way
   * arrive then, unless it ends with a reset of every connection.
   */
  stall(forMs: number, { endsWithReset }: { endsWithReset: boolean }): void {
    this.#healAfter(forMs, { endsWithReset })
    this.#proxy.stall()
  }

  /**
   * Lets nothing pass until it is healed, or nothing in one direction. All connections stay, so that
   * only timeouts notice.
   */
  partition(only?: 'requests' | 'answers'): void {
    clearTimeout(this.#healTimer)
    this.#endsWithReset = false
    if (this.#drops) this.#drops.drop(1, only)
    else this.#proxy.stall(only)
  }

  /** Lets everything pass later, and what is lost at first later still. */
  slow(delayMs: number, lossShare = 0): void {
    this.#endsWithReset = false
    this.#drops?.end()
    if (lossShare > 0) this.#drops?.drop(lossShare)
    this.#proxy.slow(delayMs, this.#drops ? 0 : lossShare)
  }

  /** Resets every connection; new ones pass. */
  reset(): void {
    this.#proxy.cut()
  }

  /** Makes every connection half-open for ever. */
  sever(): void {
    this.#proxy.sever()
  }

  /** Resets the near side of every connection, which the far side never notices. */
  abandon(): void {
    this.#proxy.abandon()
  }

  heal(): void {
    clearTimeout(this.#healTimer)
    if (this.#endsWithReset) this.#proxy.cut()
    this.slow(0)
  }

  async close(): Promise<void> {
    clearTimeout(this.#healTimer)
    this.#drops?.end()
    await this.#proxy.stop()
  }

  #healAfter(forMs: number, { endsWithReset }: { endsWithReset: boolean }): void {
    clearTimeout(this.#healTimer)
    this.#endsWithReset = endsWithReset
    this.#healTimer = setTimeout(() => this.heal(), forMs)
  }
}
