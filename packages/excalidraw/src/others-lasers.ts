import type { Point } from '@mindfuse/client'
import type { LaserMessage } from './laser-message.ts'

/** Between two looks at what is to be shown, milliseconds: a frame. */
const STEP_MS = 16

/** How long one that is off is still shown as that, milliseconds: Excalidraw has to see it to end the trail. */
const OFF_MS = 250

/** One that is on and does not move for so long has no trail left, milliseconds: its end may have been lost. */
const SILENT_MS = 1_500

/** Most steps of one laser that wait: in a hidden tab few are shown. */
const MAX_STEPS = 1_000

/** Where a laser is, and whether it is on. */
export interface LaserPoint extends Point {
  readonly isDown: boolean
}

interface Laser {
  /** What is shown now. */
  now: LaserPoint | undefined
  /** Since when, by `performance.now`. */
  since: number
  /** What is to be shown later, and when. */
  steps: { readonly point: LaserPoint; readonly at: number }[]
}

/** Replays what others draw with their lasers, in the time in which they drew it. */
export class OthersLasers {
  readonly #changed: () => void
  readonly #lasers = new Map<string, Laser>()
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param changed called when there is another point to show */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Where the laser of a connection is; undefined if it uses none. */
  at(connectionId: string): LaserPoint | undefined {
    return this.#lasers.get(connectionId)?.now
  }

  /** A message of a connection arrived. */
  received(connectionId: string, message: LaserMessage): void {
    const now = performance.now()
    const laser = this.#lasers.get(connectionId) ?? { now: undefined, since: now, steps: [] }
    const last = laser.steps.at(-1)?.point ?? laser.now
    // The end of the trail before may have been lost.
    if (message.isStart && last?.isDown) {
      laser.steps.push({ point: { ...last, isDown: false }, at: now })
    }
    laser.steps = [...laser.steps, ...stepsOf(message, now)].slice(-MAX_STEPS)
    this.#lasers.set(connectionId, laser)
    this.#timer ??= setInterval(() => this.#step(), STEP_MS)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#lasers.clear()
  }

  #step(): void {
    const now = performance.now()
    const moved = [...this.#lasers].filter(([id, laser]) => this.#advance(id, laser, now))
    if (this.#lasers.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    if (moved.length > 0) this.#changed()
  }

  /** @returns whether there is another point to show */
  #advance(id: string, laser: Laser, now: number): boolean {
    const point = takeDue(laser, now)
    if (point) {
      laser.now = point
      laser.since = now
      return true
    }
    const isOver = now - laser.since >= (laser.now?.isDown ? SILENT_MS : OFF_MS)
    if (!isOver || laser.steps.length > 0) return false
    this.#lasers.delete(id)
    return true
  }
}

/** The last point that is due, but none beyond one that turns the laser on or off: each of those has to be seen. */
function takeDue(laser: Laser, now: number): LaserPoint | undefined {
  let taken: LaserPoint | undefined
  for (let next = laser.steps[0]; next && next.at <= now; next = laser.steps[0]) {
    if (taken && taken.isDown !== next.point.isDown) break
    taken = next.point
    laser.steps.shift()
  }
  return taken
}

function stepsOf({ points, ms, isEnd }: LaserMessage, now: number): Laser['steps'] {
  const count = points.length / 2
  return Array.from({ length: count }, (_, i) => ({
    point: {
      x: points[2 * i] ?? 0,
      y: points[2 * i + 1] ?? 0,
      isDown: !(isEnd && i === count - 1),
    },
    // They arrive together but were drawn one after the other.
    at: now + (ms * (i + 1)) / count,
  }))
}
