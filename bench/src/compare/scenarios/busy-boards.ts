import { atMost, type Scenario, type Verdict } from '../scenario.ts'
import {
  COLUMNS,
  type Load,
  middle,
  type Rounds,
  ratio,
  STEADY_MS,
  sideBySide,
  toRow,
  WARM_UP_MS,
} from '../side-by-side.ts'
import { MINDFUSE, RAW } from '../targets.ts'

/** Some of the people do one thing for as long as it takes to measure it. */
function steady(
  kind: 'cursor' | 'edit',
  options: { boards: number; perBoard: number; senders: number; ratePerSecond: number },
): Load {
  const { boards, perBoard, senders, ratePerSecond } = options
  return {
    boards,
    perBoard,
    plans: [{ kind, senders, ratePerSecond, fromMs: 0, toMs: STEADY_MS }],
    fromMs: WARM_UP_MS,
    toMs: STEADY_MS,
  }
}

/** What Mindfuse is to keep within. */
interface Aims {
  /** CPU a delivery, to the raw relay's. */
  cpu: number
  p99Ms?: number
  /** Of what nothing may be missing. */
  all?: readonly ('delivered' | 'saved')[]
}

function judge(mindfuse: Rounds, raw: Rounds | undefined, aims: Aims): Verdict[] {
  const { cpu, p99Ms, all = [] } = aims
  const least = (key: 'delivered' | 'saved') => Math.min(...mindfuse.map((round) => round[key]))
  return [
    atMost('CPU a delivery, to the raw relay’s', ratio(mindfuse, raw, 'cpuUs'), cpu),
    ...(p99Ms === undefined ? [] : [atMost('p99', middle(mindfuse, 'p99'), p99Ms, ' ms')]),
    ...all.map((key) => atMost(`not ${key}`, 100 * (1 - least(key)), 0, ' %')),
  ]
}

function comparison(options: { name: string; title: string; load: Load; aims: Aims }): Scenario {
  return {
    name: options.name,
    title: options.title,
    async run(bench) {
      const all = await sideBySide(bench, options.load)
      const raw = all.get(RAW)
      const mindfuse = all.get(MINDFUSE)
      return {
        columns: COLUMNS,
        rows: [...all].map(([name, rounds]) => toRow(name, rounds, raw)),
        verdicts: mindfuse ? judge(mindfuse, raw, options.aims) : [],
        figures: { cpuUs: middle(mindfuse, 'cpuUs') },
      }
    },
  }
}

const ONE_BOARD = { boards: 1, perBoard: 100, senders: 50, ratePerSecond: 10 }
const MANY_BOARDS = { boards: 100, perBoard: 10, senders: 10, ratePerSecond: 5 }

/** The loads that are profiled as well. */
export const BUSY_CURSORS = steady('cursor', ONE_BOARD)
export const BUSY_EDITS = steady('edit', ONE_BOARD)

/** Loads that all servers get, beside each other. */
export const BUSY_BOARDS: readonly Scenario[] = [
  comparison({
    name: 'busy-cursors',
    title: 'Busy board: 100 people, of whom 50 move their cursor 10 times a second',
    load: BUSY_CURSORS,
    aims: { cpu: 0.25, p99Ms: 50 },
  }),
  comparison({
    name: 'busy-edits',
    title: 'Busy board: 100 people, of whom 50 draw 10 times a second',
    load: BUSY_EDITS,
    aims: { cpu: 0.5, p99Ms: 20, all: ['saved'] },
  }),
  comparison({
    name: 'boards-cursors',
    title: '1,000 people on 100 boards, all move their cursor 5 times a second',
    load: steady('cursor', MANY_BOARDS),
    aims: { cpu: 0.8, p99Ms: 50, all: ['delivered'] },
  }),
  comparison({
    name: 'boards-edits',
    title: '1,000 people on 100 boards, all draw 5 times a second',
    load: steady('edit', MANY_BOARDS),
    aims: { cpu: 1, all: ['delivered', 'saved'] },
  }),
]
