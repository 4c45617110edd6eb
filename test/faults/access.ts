import type { Fault, Path } from './faults.ts'
import type { Exposure, Loss } from './guest.ts'

/** The fastest way by which gateways can learn of a loss while what is broken stays so. */
export type Way = Path | 'neither'

/** How long somebody may receive, draw and get in after a loss was confirmed, milliseconds. */
const BOUNDS_MS: Record<Way, number> = {
  'pub/sub': 1_000,
  positions: 3_000,
  neither: 30_000,
}

/** What a busy machine adds, milliseconds. */
const SLACK_MS = 2_000

/** Ways and kinds of faults for which the bounds do not hold yet, and why. */
const KNOWN: Record<string, string> = {
  positions:
    'positions carry no losses: access is checked every 30 s, and after an outage of Redis',
  neither: 'nothing holds delivery back',
  'Redis full': 'nothing is published when the version cannot be raised',
  'Redis read-only': 'nothing is published when the version cannot be raised',
  'Redis evicting': 'the version of a board may go while a role that it outdates stays cached',
}

/** Whether bounds count although it is known why they are exceeded. */
const IS_STRICT = process.env.FAULT_STRICT === '1'

/** How a loss of access went. */
export interface AccessResult {
  loss: Loss
  way: Way
  exposure: Exposure
  /** Bounds that were exceeded. */
  problems: string[]
  /** Why, where that is known; nothing where they should have been kept. */
  knownReason: string | undefined
}

/** @param faults all of the round, with their kinds */
export function judgeAccess(
  loss: Loss,
  exposure: Exposure,
  faults: readonly { kind: string; fault: Fault }[],
): AccessResult {
  const way = wayOf(faults.map(({ fault }) => fault))
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
  const reasons = [way, ...faults.map(({ kind }) => kind)].map((name) => KNOWN[name])
  return {
    loss,
    way,
    exposure,
    problems,
    knownReason: IS_STRICT ? undefined : reasons.find(Boolean),
  }
}

function wayOf(faults: readonly Fault[]): Way {
  const broken = new Set(faults.flatMap(({ breaks = [] }) => breaks))
  if (!broken.has('pub/sub')) return 'pub/sub'
  return broken.has('positions') ? 'neither' : 'positions'
}
