import { encodeStateAsUpdate } from 'yjs'
import { drawShapes } from '../../draw-shapes.ts'
import { mindfuse } from '../mindfuse.ts'
import { atMost, type Bench, format, type Scenario, type Verdict } from '../scenario.ts'
import {
  type Load,
  middle,
  type Rounds,
  ratio,
  STEADY_MS,
  sideBySide,
  WARM_UP_MS,
} from '../side-by-side.ts'
import { MINDFUSE, RAW } from '../targets.ts'

/** Most of these take long to connect. */
const MAX_ROUNDS = 2

const BOARDS = [10, 100, 1_000]
const KIBIBYTES = [10, 100, 1_024, 10_240]

/** Cost that is to grow with the work and with nothing else. */
export const GROWTH: readonly Scenario[] = [
  {
    name: 'growth-boards',
    title:
      'More boards: 10 people each. The same 1,000 cursors a second on 10 of the open boards, and spread over all of them',
    run: (bench) => grow(bench),
  },
  {
    name: 'growth-document',
    title: 'Larger boards: 10 people draw 50 times a second each',
    async run(bench) {
      const found: [string, Rounds][] = []
      for (const kibibytes of KIBIBYTES) {
        const document = encodeStateAsUpdate(
          drawShapes(kibibytes * 1_024, kibibytes < 500 ? 10 : 500),
        )
        const name = `${format(document.length / 1_024)} KiB`
        bench.progress(name)
        const target = mindfuse(bench.backend, { document })
        const all = await sideBySide(
          bench,
          {
            boards: 1,
            perBoard: 10,
            plans: [{ kind: 'edit', senders: 10, ratePerSecond: 50, fromMs: 0, toMs: STEADY_MS }],
            fromMs: WARM_UP_MS,
            toMs: STEADY_MS,
          },
          [target],
        )
        found.push([name, all.get(target.name) ?? []])
      }
      return {
        columns: ['document', 'CPU µs a delivery', 'p50 ms', 'p99 ms'],
        rows: found.map(([name, rounds]) => [
          name,
          ...(['cpuUs', 'p50', 'p99'] as const).map((key) => format(middle(rounds, key))),
        ]),
        verdicts: [flat(found.map(([, rounds]) => middle(rounds, 'cpuUs')))],
      }
    },
  },
]

async function grow(bench: Bench) {
  const rows: string[][] = []
  const sameWork: number[] = []
  for (const boards of BOARDS) {
    for (const active of new Set([BOARDS[0] ?? 0, boards])) {
      bench.progress(`${boards} boards, ${active} of them in use`)
      const raw = boards === active ? bench.targets.filter(({ name }) => name === RAW) : []
      const all = await sideBySide(
        { ...bench, rounds: Math.min(bench.rounds, MAX_ROUNDS) },
        spread(boards, active),
        [...raw, mindfuse(bench.backend)],
      )
      const ours = all.get(MINDFUSE)
      if (active === BOARDS[0]) sameWork.push(middle(ours, 'cpuUs'))
      rows.push([
        boards.toLocaleString('en-US'),
        active.toLocaleString('en-US'),
        format(middle(all.get(RAW), 'cpuUs')),
        format(middle(ours, 'cpuUs')),
        format(ratio(ours, all.get(RAW), 'cpuUs')),
        format(middle(ours, 'p99')),
      ])
    }
  }
  return {
    columns: [
      'boards open',
      'in use',
      'raw: CPU µs a delivery',
      'Mindfuse: CPU µs a delivery',
      'to raw',
      'p99 ms',
    ],
    rows,
    verdicts: [flat(sameWork)],
  }
}

/** The same number of cursors a second, whatever the boards. */
function spread(boards: number, active: number): Load {
  const ratePerSecond = 100 / active
  return {
    boards,
    perBoard: 10,
    plans: [
      { kind: 'cursor', senders: 10, ratePerSecond, boards: active, fromMs: 0, toMs: STEADY_MS },
    ],
    fromMs: WARM_UP_MS,
    toMs: STEADY_MS,
  }
}

/** How far from their mean the figures of the same work are. */
function flat(values: readonly number[]): Verdict {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const farthest = Math.max(...values.map((value) => Math.abs(value / mean - 1)))
  return atMost('farthest from the mean', 100 * farthest, 20, ' %')
}
