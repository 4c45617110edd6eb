import type { Socket } from 'node:net'
import { Flow } from './flow.ts'
import type { Line } from './line.ts'

/** From the client to the server, or back. */
export type Direction = 'requests' | 'answers'

/** One connection through a proxy: `near` is the client's side, `far` the server's. */
export class ProxiedConnection {
  readonly #sockets: readonly [near: Socket, far: Socket]
  readonly #flows: readonly Flow[]
  #isSevered = false

  constructor(
    near: Socket,
    far: Socket,
    options: {
      /** To the server, and back. */
      lines: readonly [Line, Line]
      /** How long bytes take at present; undefined while nothing passes. */
      delayMs: (direction: Direction) => number | undefined
      cutIdleMs: number | undefined
      onEnded: () => void
    },
  ) {
    this.#sockets = [near, far]
    // A severed connection stands still for ever, whatever its proxy does.
    const delayOf = (direction: Direction) => () =>
      this.#isSevered ? undefined : options.delayMs(direction)
    const [there, back] = options.lines
    this.#flows = [
      new Flow(near, far, there, delayOf('requests')),
      new Flow(far, near, back, delayOf('answers')),
    ]
    for (const socket of this.#sockets) {
      socket.setNoDelay(true)
      if (options.cutIdleMs) socket.setTimeout(options.cutIdleMs, () => this.reset())
      socket.once('close', () => {
        if (this.#sockets.every(({ destroyed }) => destroyed)) options.onEnded()
      })
    }
  }

  pump(): void {
    for (const flow of this.#flows) flow.pump()
  }

  /** Makes it half-open for ever: neither side receives anything again, nor notices the other's end. */
  sever(): void {
    this.#isSevered = true
  }

  /** Resets the client's side; the server never notices. */
  abandon(): void {
    this.sever()
    this.#sockets[0].resetAndDestroy()
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}
