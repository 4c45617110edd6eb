import type { Point } from '@mindfuse/client'
import { type LaserMessage, MAX_LASER_MS, MAX_LASER_POINTS } from './laser-message.ts'

/** Between two messages, milliseconds: fewer a second than a gateway takes. */
const SEND_INTERVAL_MS = 50

interface Unsent {
  readonly points: number[]
  readonly since: number
  readonly isStart: boolean
  isEnd: boolean
}

/** Sends what the user draws with the laser, a few times a second. */
export class OwnLaser {
  readonly #send: (message: LaserMessage) => void
  #isDown = false
  #unsent: Unsent[] = []
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(send: (message: LaserMessage) => void) {
    this.#send = send
  }

  /** The laser is at a point, on or off. */
  moved({ x, y }: Point, isDown: boolean): void {
    if (!isDown && !this.#isDown) return
    const part = this.#part(!this.#isDown)
    part.points.push(round(x), round(y))
    part.isEnd = !isDown
    this.#isDown = isDown
    this.#timer ??= setInterval(() => this.#sendNext(), SEND_INTERVAL_MS)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #part(isStart: boolean): Unsent {
    const last = this.#unsent.at(-1)
    if (last && !isStart && last.points.length < 2 * MAX_LASER_POINTS) return last
    const part = { points: [], since: performance.now(), isStart, isEnd: false }
    this.#unsent.push(part)
    return part
  }

  #sendNext(): void {
    const next = this.#unsent.shift()
    if (next) {
      const { since, ...message } = next
      this.#send({ ...message, ms: Math.min(performance.now() - since, MAX_LASER_MS) })
    } else {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }
}

/** A tenth of a unit is not visible. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}
