/**
 * A gateway's tick, milliseconds: every window is a number of ticks. A shorter tick makes windows of one
 * length more alike, since one that begins between two ticks ends that much earlier; but a gateway whose
 * boards take turns wakes more often.
 */
export const TICK_MS = 7

/**
 * The length of a window, and what begins it. An eager window begins with a flush: of the first offer on
 * a quiet board, of a batch on a busy one. A patient window begins with the first offer, so that nothing
 * is sent alone, and there are fewer windows where boards pause now and then.
 */
export interface WindowLength {
  ticks: number
  isEager: boolean
}

/** The windows of edits, and those of presence and awareness. */
export interface Pace {
  /** The pace begins at this utilization of the event loop, and ends below `until`. */
  from: number
  until: number
  edits: WindowLength
  presence: WindowLength
}

const eager = (ticks: number): WindowLength => ({ ticks, isEager: true })
const patient = (ticks: number): WindowLength => ({ ticks, isEager: false })

/**
 * A gateway with CPU to spare spends it on latency, a busy one saves writes: a write costs the kernel 4 to
 * 8 µs, whether it carries one frame or ten. `from` and `until` differ because a slower pace lowers the
 * load: by a fifth where ten people draw on each of 100 boards. The last pace lets an overloaded gateway
 * catch up.
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

/** The pace of a gateway that has just started. */
export const FIRST_PACE = PACES[0] as Pace

/** The pace that follows another one at this utilization of the event loop, from 0 to 1. */
export function paceAfter(pace: Pace, utilization: number): Pace {
  const now = PACES.indexOf(pace)
  const due = PACES.findLastIndex(({ from }) => utilization >= from)
  const stays = due < now && utilization >= (PACES[now]?.until ?? 0)
  return (stays ? pace : PACES[due]) ?? FIRST_PACE
}
