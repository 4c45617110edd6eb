import type { Board } from '@mindfuse/client'
import type { Point } from '../geometry/box.ts'
import { Changes } from '../ui/changes.ts'

/** How long a point is seen, milliseconds. */
export const GLOW_MS = 900

/** How often what one points at leaves, milliseconds: less often than a gateway takes messages. */
const SEND_INTERVAL_MS = 50

/** Most points in a message. */
const MAX_SENT_POINTS = 200

/** Most points of a trail that are kept, where nobody looks and so none goes. */
const MAX_TRAIL_POINTS = 2_000

/** Longest time that a message may take to be shown, milliseconds. */
const MAX_SPREAD_MS = 1_000

/** The circle that a key draws: how many points, and over which time, milliseconds. */
const CIRCLE_POINTS = 32
const CIRCLE_MS = 500

/** Points of a laser, as they travel. */
export interface LaserMessage {
  /** x and y by turns, units of the board. */
  points: number[]
  /** Over which time they were pointed at, milliseconds. */
  ms: number
  /** Whether nothing connects them with what came before. */
  isStart: boolean
}

/** A point that was pointed at; it is seen from `at` on, milliseconds as `performance.now` counts. */
export interface LaserPoint extends Point {
  at: number
  isStart: boolean
}

/** What one connection points at. */
export interface Trail {
  userId: string
  points: readonly LaserPoint[]
}

/** Key of one's own trail, which is no connection's id. */
const OWN = ''

/** Where people point with a laser, oneself included. Nothing of it is kept. */
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

  /** Points at a place; what comes next is connected with it. */
  point({ x, y }: Point, isStart = false): void {
    if (isStart) this.#send()
    this.#isStart ||= isStart
    this.#unsent.push({ x, y })
    this.#add(OWN, this.#userId, { points: [x, y], ms: 0, isStart })
    if (this.#unsent.length >= MAX_SENT_POINTS) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), SEND_INTERVAL_MS)
  }

  /** Draws a circle around a place, for those who point with a key. */
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

  /** What is still to be seen at this time. */
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
      // They come together and were not pointed at together.
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
    // Who may not any more, in the middle of a trail, is not told of each piece of it.
    if (this.#board.canBroadcast) {
      this.#board.broadcast('laser', { points, ms: SEND_INTERVAL_MS, isStart: this.#isStart })
    }
    this.#unsent = []
    this.#isStart = false
  }
}

/** What somebody sent, if it is what a laser sends: another program may say anything. */
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

/** A tenth of a unit is less than anybody sees. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}
