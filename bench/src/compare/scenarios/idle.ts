import { cpuMs, residentBytes } from '../../process-stats.ts'
import { Crowd } from '../crowd.ts'
import { mindfuse } from '../mindfuse.ts'
import { atMost, type Bench, format, formatShare, median, type Scenario } from '../scenario.ts'
import { alternate } from '../side-by-side.ts'
import { type Layout, MINDFUSE, RAW, type Running, type Target, WELCOME } from '../targets.ts'

/** How long a server rests before its memory is measured, milliseconds. */
const REST_MS = 6_000

/** Ten thousand take a while to connect. */
const MAX_ROUNDS = 2

/** Those that connect, in the order of the table. */
const WAVES = ['connectCpuUs', 'firstCpuUs', 'returnCpuUs'] as const

interface Idle {
  connectSeconds: number
  /** Of a server that has just started. */
  firstCpuUs: number
  /** Of the same server when the first have gone: as many others, on other boards. */
  connectCpuUs: number
  /** When these have left too and reconnected. */
  returnCpuUs: number
  kibibytes: number
  /** While all are idle. */
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
        if (target.name === RAW) return [target, WELCOME]
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
            atMost(
              `${name}: CPU to connect, to the raw relay’s`,
              ratio(rounds, raw, 'connectCpuUs'),
              3,
            ),
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
  'CPU when idle',
  'CPU µs to connect',
  'to raw',
  'just started',
  'to raw',
  'who was here before',
  'to raw',
  'all connected in, s',
]

const connectToEach = (bench: Bench, targets: readonly Target[], layout: Layout, rounds: number) =>
  alternate(bench, targets, rounds, (target) => connectIdle(target, layout, bench.progress))

async function connectIdle(
  target: Target,
  layout: Layout,
  progress: (text: string) => void,
): Promise<Idle> {
  const { boards, perBoard } = layout
  const connections = boards * perBoard
  const running = await target.start({ boards: 2 * boards, perBoard })
  const sum = (of: (pid: number) => number) =>
    running.pids.reduce((total, pid) => total + of(pid), 0)
  const connect = async (people: Running) => {
    const cpuBefore = sum(cpuMs)
    const startedAt = performance.now()
    const crowd = await Crowd.connect(people, layout, progress)
    const seconds = (performance.now() - startedAt) / 1_000
    return { crowd, seconds, cpuUs: ((sum(cpuMs) - cpuBefore) * 1_000) / connections }
  }
  try {
    const first = await prepare(running, 0, connections)
    const others = await prepare(running, connections, connections)
    const bytesBefore = sum(residentBytes)
    const { crowd, seconds, cpuUs } = await connect(first)
    const restedFrom = sum(cpuMs)
    await rest()
    const idleCpu = (sum(cpuMs) - restedFrom) / REST_MS
    const kibibytes = (sum(residentBytes) - bytesBefore) / 1_024 / connections
    crowd.disconnect()
    if (crowd.firstLoss) throw crowd.firstLoss
    await rest()
    const later = await connect(others)
    later.crowd.disconnect()
    await rest()
    const returned = await connect(others)
    returned.crowd.disconnect()
    return {
      connectSeconds: seconds,
      firstCpuUs: cpuUs,
      connectCpuUs: later.cpuUs,
      returnCpuUs: returned.cpuUs,
      kibibytes,
      idleCpu,
    }
  } finally {
    await running.stop()
  }
}

const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS))

/** So many people from a number on, as if they were all. Tokens are signed before the clock runs. */
async function prepare(running: Running, from: number, count: number): Promise<Running> {
  const addresses = await Promise.all(
    Array.from({ length: count }, (_, person) => running.addressOf(from + person)),
  )
  return {
    ...running,
    addressOf: (person) => addresses[person] ?? { url: '' },
    prefixOf: (person) => running.prefixOf(from + person),
    greetings: (person) => running.greetings(from + person),
  }
}

const middle = (rounds: readonly Idle[], key: keyof Idle) => median(rounds.map((idle) => idle[key]))

const ratio = (
  rounds: readonly Idle[],
  raw: readonly Idle[] | undefined,
  wave: (typeof WAVES)[number],
) => median(rounds.map((idle, i) => idle[wave] / (raw?.[i]?.[wave] ?? Number.NaN)))

function toRows(all: ReadonlyMap<string, readonly Idle[]>): string[][] {
  const raw = all.get(RAW)
  return [...all].map(([name, rounds]) => [
    name,
    format(middle(rounds, 'kibibytes')),
    formatShare(middle(rounds, 'idleCpu')),
    ...WAVES.flatMap((wave) => [format(middle(rounds, wave)), format(ratio(rounds, raw, wave))]),
    format(middle(rounds, 'connectSeconds')),
  ])
}
