import type { Backend } from '../backend.ts'
import type { Target } from './targets.ts'

/** What scenarios run on. */
export interface Bench {
  backend: Backend
  /** All servers, or those that were asked for. */
  targets: readonly Target[]
  /** How often everything is measured; the median counts. */
  rounds: number
  /** Says on standard error how far it is. */
  progress(text: string): void
}

/** A bound that a figure is to keep. */
export interface Verdict {
  what: string
  measured: string
  bound: string
  isKept: boolean
}

/** What a scenario found out. */
export interface Finding {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  verdicts: readonly Verdict[]
  /** Of Mindfuse, for what is worked out from them in the end. */
  figures?: Readonly<Record<string, number>>
}

/** One kind of load. */
export interface Scenario {
  /** What `npm run bench -- <name>` calls it. */
  name: string
  title: string
  run(bench: Bench): Promise<Finding>
}

/** A verdict on an upper bound. */
export function atMost(what: string, measured: number, bound: number, unit = ''): Verdict {
  return {
    what,
    measured: `${format(measured)}${unit}`,
    bound: `at most ${bound}${unit}`,
    isKept: measured <= bound,
  }
}

/** A figure with three digits or more, as they are read. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

/** A share of a hundred; 100 % is said of the whole alone. */
export function formatShare(share: number): string {
  if (Number.isNaN(share)) return '–'
  return `${share >= 1 ? 100 : (Math.floor(share * 10_000) / 100).toFixed(2)} %`
}

/** The value in the middle; of two, the mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (
    ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
  )
}
