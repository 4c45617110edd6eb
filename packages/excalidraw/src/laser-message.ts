import { MAX_COORDINATE } from '@mindfuse/scene'

/** Most points of one message. */
export const MAX_LASER_POINTS = 200

/** Longest time that one message may cover, milliseconds. */
export const MAX_LASER_MS = 1_000

/** A part of what somebody draws with the laser, as it is broadcast under the name `laser`. */
export interface LaserMessage {
  /** Alternating x and y, in the coordinates of the board. */
  readonly points: readonly number[]
  /** In how much time they were drawn, milliseconds. */
  readonly ms: number
  /** Whether they begin a trail. */
  readonly isStart: boolean
  /** Whether they end it. */
  readonly isEnd: boolean
}

/** Reads what may be anything: whoever may broadcast chooses what. */
export function readLaser(payload: unknown): LaserMessage | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { points, ms, isStart, isEnd } = payload as { [Name in keyof LaserMessage]?: unknown }
  const arePoints =
    Array.isArray(points) &&
    points.length <= 2 * MAX_LASER_POINTS &&
    points.length % 2 === 0 &&
    points.every(isCoordinate)
  if (!arePoints || typeof ms !== 'number' || !(ms >= 0 && ms <= MAX_LASER_MS)) return undefined
  return { points, ms, isStart: isStart === true, isEnd: isEnd === true }
}

const isCoordinate = (value: unknown): boolean =>
  typeof value === 'number' && Math.abs(value) <= MAX_COORDINATE
