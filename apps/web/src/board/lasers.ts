import type { Board } from '@mindfuse/client'
import type { Point } from '../geometry/box.ts'
import { Changes } from '../ui/changes.ts'

/** How long a point stays visible, milliseconds. */
export const GLOW_MS = 900

/** Interval between messages, milliseconds; stays below the gateway's rate limit. */
const SEND_INTERVAL_MS = 50

/** Points in a message, at most. */
const MAX_SENT_POINTS = 200

/** Points kept of a trail: in a hidden tab nothing draws, so nothing expires. */
const MAX_TRAIL_POINTS = 2_000

/** Longest time span that a message may cover, milliseconds. */
const MAX_SPREAD_MS = 1_000

/** The circle drawn by keyboard: number of points, and duration in milliseconds. */
const CIRCLE_POINTS = 32
const CIRCLE_MS = 500

/** Laser points as they are sent. */
export interface LaserMessage {
  /** Alternating x and y, units of the board. */
  points: number[]
  /** Time span in which they were recorded, milliseconds. */
  ms: number
  /** Whether they start a new stroke. */
  isStart: boolean
}

/** A point that becomes visible at `at`, milliseconds of `performance.now`. */
export interface LaserPoint extends Point {
  at: number
  isStart: boolean
}

/** The trail of one connection. */
export interface Trail {
  userId: string
  points: readonly LaserPoint[]
}

/** Key of the user's own trail; no connection has this id. */
const OWN = ''

/** The laser trails of everyone, including the user. Nothing is stored. */
export class Lasers {
  readonly changes = new Changes()
  readonly #board: Board
  readonly #userId: string
  readonly #stop: () => void
  readonly #trails = new Map<string, Trail>()
  #unsent: Point[] = []
  #isStart = true
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(board: Board, userId: string) {
    this.#board = board
    this.#userId = userId
    this.#stop = board.on('broadcast:laser', ({ payload, user, connectionId }) => {
      const message = readLaser(payload)
      if (message && connectionId !== null) this.#add(connectionId, user.id, message)
    })
  }

  /** Adds a point; the next one is connected to it. */
  point({ x, y }: Point, isStart = false): void {
    if (isStart) this.#send()
    this.#isStart ||= isStart
    this.#unsent.push({ x, y })
    this.#add(OWN, this.#userId, { points: [x, y], ms: 0, isStart })
    if (this.#unsent.length >= MAX_SENT_POINTS) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), SEND_INTERVAL_MS)
  }

  /** Draws a circle around a point, for keyboard users. */
  circle({ x, y }: Point, radius: number): void {
    const points = Array.from({ length: CIRCLE_POINTS + 1 }, (_, i) => {
      const angle = (i / CIRCLE_POINTS) * 2 * Math.PI
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
    }).flat()
    const message = { points, ms: CIRCLE_MS, isStart: true }
    this.#send()
    this.#add(OWN, this.#userId, message)
    this.#board.broadcast('laser', message)
  }

  /** The trails that are visible at a time. */
  trails(now: number): Trail[] {
    for (const [id, trail] of this.#trails) {
      const points = trail.points.filter(({ at }) => now - at < GLOW_MS)
      if (points.length > 0) this.#trails.set(id, { ...trail, points })
      else this.#trails.delete(id)
    }
    return [...this.#trails.values()]
  }

  close(): void {
    this.#stop()
    clearTimeout(this.#timer)
  }

  #add(id: string, userId: string, { points, ms, isStart }: LaserMessage): void {
    const now = performance.now()
    const count = points.length / 2
    const added = Array.from({ length: count }, (_, i) => ({
      x: points[2 * i] ?? 0,
      y: points[2 * i + 1] ?? 0,
      // They arrive together but were recorded one after the other.
      at: now + (ms * (i + 1)) / count,
      isStart: isStart && i === 0,
    }))
    const before = this.#trails.get(id)?.points ?? []
    this.#trails.set(id, { userId, points: [...before, ...added].slice(-MAX_TRAIL_POINTS) })
    this.changes.emit()
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#unsent.length === 0) return
    const points = this.#unsent.flatMap(({ x, y }) => [round(x), round(y)])
    // Permission may be revoked mid-trail: do not cause an error per message.
    if (this.#board.canBroadcast) {
      this.#board.broadcast('laser', { points, ms: SEND_INTERVAL_MS, isStart: this.#isStart })
    }
    this.#unsent = []
    this.#isStart = false
  }
}

/** Validates a payload: any client may broadcast anything. */
export function readLaser(payload: unknown): LaserMessage | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { points, ms, isStart } = payload as Partial<LaserMessage>
  const arePoints =
    Array.isArray(points) &&
    points.length <= 2 * MAX_SENT_POINTS &&
    points.length % 2 === 0 &&
    points.every(Number.isFinite)
  if (!arePoints || typeof ms !== 'number' || !(ms >= 0 && ms <= MAX_SPREAD_MS)) return undefined
  return { points, ms, isStart: isStart === true }
}

/** A tenth of a unit is not visible. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}
