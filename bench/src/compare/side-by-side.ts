import { Crowd } from './crowd.ts'
import { type LoadOptions, type LoadResult, play } from './load.ts'
import { type Bench, format, formatShare, median } from './scenario.ts'
import type { Layout, Running, Target } from './targets.ts'

/** How many people there are, and what they do. */
export type Load = Layout & Omit<LoadOptions, 'pids'>

/**
 * How long a load is played before it is measured. Until then Node interprets and compiles, for half a
 * minute where 500 messages come a second: a gateway was seen to take 118 ms of CPU a second at first,
 * 79 after ten seconds, and 63 after thirty.
 */
export const WARM_UP_MS = 30_000

/** How long it is measured. */
export const MEASURED_MS = 5_000

/** When a load ends that warms up and is measured. */
export const STEADY_MS = WARM_UP_MS + MEASURED_MS

/** What one round gave of one server. */
export interface Measured {
  /** CPU of the server for each state or edit that reached a reader, microseconds. */
  cpuUs: number
  p50: number
  p95: number
  p99: number
  max: number
  delivered: number
  /** States or edits in a message, as readers got them. */
  perMessage: number
  /** CPU of the server as a share of a core. */
  serverCpu: number
  loadCpu: number
  /** Share of the time in which server or load waited for a core that something else had. */
  waited: number
  /** How late the load sent: p99, milliseconds. */
  lateness: number
  /** Share of the edits that is stored when all has come to rest; NaN where nothing is. */
  saved: number
}

/** The rounds of one server, in the order of time. */
export type Rounds = readonly Measured[]

/** Plays a load to each server in turn. Each time the server is a fresh process. */
export function sideBySide(
  bench: Bench,
  load: Load,
  targets: readonly Target[] = bench.targets,
): Promise<Map<string, Rounds>> {
  return alternate(bench, targets, bench.rounds, (target) => measure(target, load, bench.progress))
}

/**
 * Measures each server in turn, in alternating order so that what changes on the machine meanwhile
 * affects all of them.
 */
export async function alternate<T>(
  { progress }: Bench,
  targets: readonly Target[],
  rounds: number,
  measureOne: (target: Target) => Promise<T>,
): Promise<Map<string, T[]>> {
  const all = new Map<string, T[]>(targets.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      progress(`${target.name}, round ${round + 1}`)
      all.get(target.name)?.push(await measureOne(target))
    }
  }
  return all
}

/** Starts a server, connects all people, plays, and stops it. */
async function measure(
  target: Target,
  load: Load,
  progress: (text: string) => void,
): Promise<Measured> {
  const running = await target.start(load)
  try {
    const crowd = await Crowd.connect(running, load, progress)
    try {
      const result = await play(crowd, load, { ...load, pids: running.pids })
      if (crowd.firstLoss) throw crowd.firstLoss
      return summarize(result, await savedShare(running, load, result))
    } finally {
      crowd.disconnect()
    }
  } finally {
    await running.stop()
  }
}

/** Figures of the first stream; CPU is for what came of all of them. */
function summarize(result: LoadResult, saved: number): Measured {
  const received = result.streams.reduce((sum, stream) => sum + stream.received, 0)
  const holes = result.streams.reduce((sum, stream) => sum + stream.holes, 0)
  if (holes > 0) throw new Error(`${holes} edits came before one they build on`)
  const [stream] = result.streams
  if (!stream) throw new Error('a load has a stream')
  const { latency } = stream
  return {
    cpuUs: (result.cpuMs * 1_000) / received,
    p50: latency.quantile(0.5),
    p95: latency.quantile(0.95),
    p99: latency.quantile(0.99),
    max: latency.max,
    delivered: stream.delivered,
    perMessage: received / result.messages,
    serverCpu: result.cpuMs / result.wallMs,
    loadCpu: result.loadCpu,
    waited: result.waitedMs / result.wallMs,
    lateness: result.lateness.quantile(0.99),
    saved,
  }
}

async function savedShare(running: Running, load: Load, result: LoadResult): Promise<number> {
  const edits = result.streams.filter((_, i) => load.plans[i]?.kind === 'edit')
  const sent = edits.reduce((sum, stream) => sum + stream.sent, 0)
  if (!running.countSaved || sent === 0) return Number.NaN
  return (await running.countSaved(sent)) / sent
}

/** The median of a figure over the rounds. */
export function middle(rounds: Rounds | undefined, key: keyof Measured): number {
  return median((rounds ?? []).map((measured) => measured[key]))
}

/** The median of the ratios of a figure to another server's in the same round. */
export function ratio(
  rounds: Rounds | undefined,
  to: Rounds | undefined,
  key: keyof Measured,
): number {
  return median((rounds ?? []).map((measured, i) => measured[key] / (to?.[i]?.[key] ?? Number.NaN)))
}

/** The columns of {@link toRow}. */
export const COLUMNS = [
  'server',
  'CPU µs a delivery',
  'to raw',
  'p50 ms',
  'p99 ms',
  'max ms',
  'delivered',
  'a message',
  'saved',
  'CPU of server',
  'of load',
  'waited for a core',
  'sent late by, p99 ms',
] as const

/** A server's line in the table. */
export function toRow(name: string, rounds: Rounds, raw: Rounds | undefined): string[] {
  const of = (key: keyof Measured) => middle(rounds, key)
  return [
    name,
    format(of('cpuUs')),
    format(ratio(rounds, raw, 'cpuUs')),
    format(of('p50')),
    format(of('p99')),
    format(Math.max(...rounds.map(({ max }) => max))),
    formatShare(Math.min(...rounds.map(({ delivered }) => delivered))),
    format(of('perMessage')),
    formatShare(Math.min(...rounds.map(({ saved }) => saved))),
    formatShare(of('serverCpu')),
    formatShare(of('loadCpu')),
    formatShare(of('waited')),
    format(of('lateness')),
  ]
}
