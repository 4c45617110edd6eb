import { cpuMs, residentBytes } from '../../process-stats.ts'
import { Crowd } from '../crowd.ts'
import { mindfuse } from '../mindfuse.ts'
import { atMost, type Bench, format, formatShare, median, type Scenario } from '../scenario.ts'
import { type Layout, MINDFUSE, RAW, type Target } from '../targets.ts'

/** So long a server is left alone before its memory is looked at, milliseconds. */
const REST_MS = 6_000

/** Ten thousand take a while to connect. */
const MAX_ROUNDS = 2

interface Idle {
  connectSeconds: number
  connectCpuUs: number
  kibibytes: number
  /** While nobody does anything. */
  idleCpu: number
}

/** What connections cost that are there and do nothing. */
export const IDLE: readonly Scenario[] = [
  {
    name: 'idle',
    title: '10,000 idle connections on 1,000 boards',
    async run(bench) {
      const layout = { boards: 1_000, perBoard: 10 }
      const ours = [mindfuse(bench.backend), mindfuse(bench.backend, { hasText: true })] as const
      const targets = bench.targets.flatMap((target) => {
        if (target.name === RAW) return [target]
        return target.name === MINDFUSE ? ours : []
      })
      const all = await connectToEach(bench, targets, layout, Math.min(bench.rounds, MAX_ROUNDS))
      const raw = all.get(RAW)
      const withText = all.get(ours[1].name) ?? []
      return {
        columns: COLUMNS,
        rows: toRows(all),
        figures: {
          kibibytes: middle(withText, 'kibibytes'),
          connectCpuUs: middle(withText, 'connectCpuUs'),
        },
        verdicts: ours.flatMap(({ name }) => {
          const rounds = all.get(name)
          if (!rounds) return []
          return [
            atMost(`${name}: memory a connection`, middle(rounds, 'kibibytes'), 6, ' KiB'),
            atMost(`${name}: CPU to connect, to the raw relay’s`, connectRatio(rounds, raw), 3),
          ]
        }),
      }
    },
  },
  {
    name: 'idle-peers',
    title: '5,000 idle connections on 500 boards',
    async run(bench) {
      const layout = { boards: 500, perBoard: 10 }
      const all = await connectToEach(bench, bench.targets, layout, 1)
      return { columns: COLUMNS, rows: toRows(all), verdicts: [] }
    },
  },
]

const COLUMNS = [
  'server',
  'KiB a connection',
  'CPU µs to connect',
  'to raw',
  'all connected in, s',
  'CPU when idle',
]

async function connectToEach(
  bench: Bench,
  targets: readonly Target[],
  layout: Layout,
  count: number,
): Promise<Map<string, Idle[]>> {
  const all = new Map<string, Idle[]>(targets.map(({ name }) => [name, []]))
  for (let round = 0; round < count; round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      bench.progress(`${target.name}, round ${round + 1}`)
      all.get(target.name)?.push(await connectIdle(target, layout, bench.progress))
    }
  }
  return all
}

async function connectIdle(
  target: Target,
  layout: Layout,
  progress: (text: string) => void,
): Promise<Idle> {
  const running = await target.start(layout)
  const sum = (of: (pid: number) => number) =>
    running.pids.reduce((total, pid) => total + of(pid), 0)
  try {
    const connections = layout.boards * layout.perBoard
    // Tokens are signed before the clock runs.
    const addresses = await Promise.all(
      Array.from({ length: connections }, (_, person) => running.addressOf(person)),
    )
    const ready = {
      ...running,
      addressOf: (person: number) => addresses[person] ?? { port: 0, path: '' },
    }
    const bytesBefore = sum(residentBytes)
    const cpuBefore = sum(cpuMs)
    const startedAt = performance.now()
    const crowd = await Crowd.connect(ready, layout, progress)
    try {
      const connectMs = performance.now() - startedAt
      const connectCpuMs = sum(cpuMs) - cpuBefore
      const restedFrom = sum(cpuMs)
      await new Promise((resolve) => setTimeout(resolve, REST_MS))
      if (crowd.firstLoss) throw crowd.firstLoss
      return {
        connectSeconds: connectMs / 1_000,
        connectCpuUs: (connectCpuMs * 1_000) / connections,
        kibibytes: (sum(residentBytes) - bytesBefore) / 1_024 / connections,
        idleCpu: (sum(cpuMs) - restedFrom) / REST_MS,
      }
    } finally {
      crowd.disconnect()
    }
  } finally {
    await running.stop()
  }
}

const middle = (rounds: readonly Idle[], key: keyof Idle) => median(rounds.map((idle) => idle[key]))

const connectRatio = (rounds: readonly Idle[], raw: readonly Idle[] | undefined) =>
  median(rounds.map(({ connectCpuUs }, i) => connectCpuUs / (raw?.[i]?.connectCpuUs ?? Number.NaN)))

function toRows(all: ReadonlyMap<string, readonly Idle[]>): string[][] {
  return [...all].map(([name, rounds]) => [
    name,
    format(middle(rounds, 'kibibytes')),
    format(middle(rounds, 'connectCpuUs')),
    format(connectRatio(rounds, all.get(RAW))),
    format(middle(rounds, 'connectSeconds')),
    formatShare(middle(rounds, 'idleCpu')),
  ])
}
