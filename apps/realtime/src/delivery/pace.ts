/**
 * The beat of a gateway, milliseconds: every window is a number of ticks. The shorter it is the less
 * differ the windows of a length, since one that begins between two ticks ends that much sooner; and
 * the more often a gateway wakes whose boards take turns.
 */
export const TICK_MS = 7

/**
 * How long a window is, and what begins it. An eager one begins when something has left: at once on a
 * quiet board, and with what gathered on a busy one. A patient one begins with the first that it
 * gathers, so that nothing leaves alone, and there are fewer where boards are quiet now and then.
 */
export interface WindowLength {
  ticks: number
  isEager: boolean
}

/** How edits gather, and how presence and awareness do. */
export interface Pace {
  /** It begins where the event loop is busy for this share of the time, and ends below `until`. */
  from: number
  until: number
  edits: WindowLength
  presence: WindowLength
}

const eager = (ticks: number): WindowLength => ({ ticks, isEager: true })
const patient = (ticks: number): WindowLength => ({ ticks, isEager: false })

/**
 * A gateway with time to spare spends it on latency, one with little on fewer writes: a write costs the
 * kernel 4 to 8 µs, whether it carries one frame or ten. `from` and `until` lie apart because a slower
 * pace leaves it less to do: a fifth less where ten people draw on each of 100 boards. The last pace
 * lets a gateway that is at its end catch up.
 *
 * Measured on those boards beside the raw relay: edits 1.1 times its CPU with the first pace and 0.95
 * with the third, at a p99 of 24 and 50 ms; cursors 0.84 with eager windows of 42 ms, and 0.72 with
 * patient ones, at a p99 of 44 ms with either.
 */
const PACES: readonly Pace[] = [
  { from: 0, until: 0, edits: eager(2), presence: eager(6) },
  { from: 0.15, until: 0.12, edits: eager(2), presence: patient(6) },
  { from: 0.36, until: 0.27, edits: patient(6), presence: patient(6) },
  { from: 0.8, until: 0.6, edits: patient(6), presence: patient(18) },
]

/** How a gateway begins, which has nothing to do yet. */
export const FIRST_PACE = PACES[0] as Pace

/** The pace after another one, for a gateway that was busy for this share of the time, from 0 to 1. */
export function paceAfter(pace: Pace, utilization: number): Pace {
  const now = PACES.indexOf(pace)
  const due = PACES.findLastIndex(({ from }) => utilization >= from)
  const stays = due < now && utilization >= (PACES[now]?.until ?? 0)
  return (stays ? pace : PACES[due]) ?? FIRST_PACE
}
