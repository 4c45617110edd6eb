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

function comparison(options: {
  name: string
  title: string
  load: Load
  judge(mindfuse: Rounds, raw: Rounds | undefined): Verdict[]
}): Scenario {
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
        verdicts: mindfuse ? options.judge(mindfuse, raw) : [],
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

const cpu = (mindfuse: Rounds, raw: Rounds | undefined, bound: number) =>
  atMost('CPU a delivery, to the raw relay’s', ratio(mindfuse, raw, 'cpuUs'), bound)

const p99 = (mindfuse: Rounds, bound: number) =>
  atMost('p99', middle(mindfuse, 'p99'), bound, ' ms')

const missing = (mindfuse: Rounds, key: 'delivered' | 'saved') =>
  atMost(`not ${key}`, 100 * (1 - Math.min(...mindfuse.map((measured) => measured[key]))), 0, ' %')

/** Loads that all servers get, beside each other. */
export const BUSY_BOARDS: readonly Scenario[] = [
  comparison({
    name: 'busy-cursors',
    title: 'Busy board: 100 people, of whom 50 move their cursor 10 times a second',
    load: BUSY_CURSORS,
    judge: (mindfuse, raw) => [cpu(mindfuse, raw, 0.25), p99(mindfuse, 50)],
  }),
  comparison({
    name: 'busy-edits',
    title: 'Busy board: 100 people, of whom 50 draw 10 times a second',
    load: BUSY_EDITS,
    judge: (mindfuse, raw) => [
      cpu(mindfuse, raw, 0.5),
      p99(mindfuse, 20),
      missing(mindfuse, 'saved'),
    ],
  }),
  comparison({
    name: 'boards-cursors',
    title: '1,000 people on 100 boards, all move their cursor 5 times a second',
    load: steady('cursor', MANY_BOARDS),
    judge: (mindfuse, raw) => [
      cpu(mindfuse, raw, 0.8),
      p99(mindfuse, 50),
      missing(mindfuse, 'delivered'),
    ],
  }),
  comparison({
    name: 'boards-edits',
    title: '1,000 people on 100 boards, all draw 5 times a second',
    load: steady('edit', MANY_BOARDS),
    judge: (mindfuse, raw) => [
      cpu(mindfuse, raw, 1),
      missing(mindfuse, 'delivered'),
      missing(mindfuse, 'saved'),
    ],
  }),
]
