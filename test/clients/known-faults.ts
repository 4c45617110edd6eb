import type { TrialName } from './trials.ts'

/** A trial that fails today, and why. The suite fails when it fails no longer, so that this is removed. */
interface KnownFault {
  trial: TrialName
  /** Names of rows. */
  rows: readonly string[]
  /** What the trial waits for when it fails. */
  at: RegExp
  /** Completes the sentence "fails because …". */
  reason: string
}

const KNOWN_FAULTS: readonly KnownFault[] = []

export function knownFault(row: string, trial: TrialName): KnownFault | undefined {
  return KNOWN_FAULTS.find((fault) => fault.trial === trial && fault.rows.includes(row))
}
