import type { Fault, Path } from './faults.ts'
import type { Exposure, Loss } from './guest.ts'

/** The fastest way by which gateways can learn of a loss while what is broken stays so. */
export type Way = Path | 'neither'

/** `VOUCH_SECONDS` of the gateways: less than by default, so that rounds get there. */
export const VOUCH_SECONDS = 5

/** How long somebody may receive, draw and get in after a loss was confirmed, milliseconds. */
const BOUNDS_MS: Record<Way, number> = {
  'pub/sub': 1_000,
  positions: 3_000,
  neither: VOUCH_SECONDS * 1_000,
}

/** What a busy machine adds, milliseconds. */
const SLACK_MS = 2_000

/** How a loss of access went. */
export interface AccessResult {
  loss: Loss
  way: Way
  exposure: Exposure
  /** Bounds that were exceeded. */
  problems: string[]
}

/** @param faults all of the round */
export function judgeAccess(
  loss: Loss,
  exposure: Exposure,
  faults: readonly Fault[],
): AccessResult {
  const way = wayOf(faults)
  const limitMs = BOUNDS_MS[way] + SLACK_MS
  const { receivedMs, storedMs, admittedMs, wasReadmitted } = exposure
  const problems = Object.entries({
    'received what was drawn': receivedMs,
    'stored what was drawn': storedMs,
    'was admitted': admittedMs,
  })
    .filter(([, ms]) => ms > limitMs)
    .map(([what, ms]) => `a guest, ${loss}, ${what} ${Math.round(ms)} ms later; bound: ${limitMs}`)
  if (wasReadmitted) problems.push(`a guest, ${loss}, was admitted again after being sent away`)
  return { loss, way, exposure, problems }
}

function wayOf(faults: readonly Fault[]): Way {
  const broken = new Set(faults.flatMap(({ breaks = [] }) => breaks))
  if (!broken.has('pub/sub')) return 'pub/sub'
  return broken.has('positions') ? 'neither' : 'positions'
}
