/**
 * The beat of a gateway, milliseconds: every window is a number of ticks. A write to a socket was
 * measured at 4 to 5 µs of the kernel's time, whether it carries one frame or ten, and of 50 people
 * who draw 10 times a second 7 edits share a tick of this length.
 */
export const TICK_MS = 14

/** How many ticks edits and presence gather for. */
export interface Pace {
  editTicks: number
  presenceTicks: number
}

/**
 * A gateway with time to spare spends it on latency, one with little on fewer writes. Shares are of
 * a core, the event loop's; the last one also lets a gateway that is at its end catch up.
 */
const PACES: readonly (Pace & { below: number })[] = [
  { below: 0.4, editTicks: 1, presenceTicks: 3 },
  { below: 0.6, editTicks: 2, presenceTicks: 3 },
  { below: 0.8, editTicks: 3, presenceTicks: 3 },
  { below: Number.POSITIVE_INFINITY, editTicks: 3, presenceTicks: 9 },
]

/** The pace of a gateway whose event loop was busy for this share of the time, from 0 to 1. */
export function paceAt(utilization: number): Pace {
  return PACES.find(({ below }) => utilization < below) as Pace
}
