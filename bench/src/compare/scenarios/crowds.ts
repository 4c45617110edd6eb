import { mindfuse } from '../mindfuse.ts'
import { atMost, type Bench, type Finding, type Scenario, type Verdict } from '../scenario.ts'
import {
  COLUMNS,
  type Load,
  middle,
  type Rounds,
  STEADY_MS,
  sideBySide,
  toRow,
  WARM_UP_MS,
} from '../side-by-side.ts'

/** Bytes of a state in y/hub's trial. */
const HUB_STATE_BYTES = 290

const missing = (rounds: Rounds) =>
  atMost('not delivered', 100 * (1 - Math.min(...rounds.map((r) => r.delivered))), 0, ' %')

/** What only ours is tried with: handing on each message would take several cores. */
export const CROWDS: readonly Scenario[] = [
  {
    name: 'crowd-500',
    title: '500 people on one board, all move their cursor 5 times a second, one draws 10 times',
    run: (bench) =>
      alone(
        bench,
        {
          boards: 1,
          perBoard: 500,
          // What is written down of latency is the edits'.
          plans: [
            { kind: 'edit', senders: 1, ratePerSecond: 10, fromMs: 0, toMs: STEADY_MS },
            { kind: 'cursor', senders: 500, ratePerSecond: 5, fromMs: 0, toMs: STEADY_MS },
          ],
          fromMs: WARM_UP_MS,
          toMs: STEADY_MS,
        },
        (rounds) => [atMost('p95 of the edits', middle(rounds, 'p95'), 50, ' ms'), missing(rounds)],
      ),
  },
  {
    name: 'crowd-burst',
    title:
      '500 people on one board, of whom one draws 50 times in a second and each of the others moves with each edit (290 bytes); a second later 20 more edits',
    run: (bench) =>
      alone(
        bench,
        {
          boards: 1,
          perBoard: 500,
          plans: [
            {
              kind: 'edit',
              senders: 1,
              firstSender: 1,
              ratePerSecond: 10,
              fromMs: 2_000,
              toMs: 4_000,
            },
            { kind: 'edit', senders: 1, ratePerSecond: 50, fromMs: 0, toMs: 1_000 },
            {
              kind: 'cursor',
              senders: 500,
              ratePerSecond: 50,
              fromMs: 0,
              toMs: 1_000,
              stateBytes: HUB_STATE_BYTES,
            },
          ],
          fromMs: 0,
          toMs: 4_200,
        },
        (rounds) => [
          atMost('p95 of the 20 edits', middle(rounds, 'p95'), 50, ' ms'),
          missing(rounds),
        ],
      ),
  },
  {
    name: 'crowd-1500',
    title: '1,500 people on one board, all move their cursor once a second',
    run: (bench) =>
      alone(
        bench,
        {
          boards: 1,
          perBoard: 1_500,
          plans: [{ kind: 'cursor', senders: 1_500, ratePerSecond: 1, fromMs: 0, toMs: STEADY_MS }],
          fromMs: WARM_UP_MS,
          toMs: STEADY_MS,
        },
        (rounds) => [
          atMost('CPU', 100 * middle(rounds, 'serverCpu'), 50, ' % of a core'),
          missing(rounds),
        ],
      ),
  },
]

async function alone(
  bench: Bench,
  load: Load,
  judge: (rounds: Rounds) => Verdict[],
): Promise<Finding> {
  const target = mindfuse(bench.backend)
  const all = await sideBySide(bench, load, [target])
  const rounds = all.get(target.name) ?? []
  return {
    columns: COLUMNS,
    rows: [toRow(target.name, rounds, undefined)],
    verdicts: judge(rounds),
  }
}
