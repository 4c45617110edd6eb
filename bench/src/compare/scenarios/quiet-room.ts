import { atMost, type Scenario } from '../scenario.ts'
import { COLUMNS, MEASURED_MS, middle, sideBySide, toRow, WARM_UP_MS } from '../side-by-side.ts'
import { MINDFUSE, RAW } from '../targets.ts'

/** The other draws until then: code that never ran before is slow at first. */
const WARM_UP_PER_SECOND = 100
const START_MS = WARM_UP_MS + 1_000
const END_MS = START_MS + MEASURED_MS

/** What the first edit after a pause waits for. */
export const QUIET_ROOM: Scenario = {
  name: 'lone-edit',
  title: 'A lone edit in a quiet room: two people, of whom one draws 5 times a second',
  async run(bench) {
    const all = await sideBySide(bench, {
      boards: 1,
      perBoard: 2,
      plans: [
        { kind: 'edit', senders: 1, ratePerSecond: 5, fromMs: START_MS, toMs: END_MS },
        {
          kind: 'edit',
          senders: 1,
          firstSender: 1,
          ratePerSecond: WARM_UP_PER_SECOND,
          fromMs: 0,
          toMs: WARM_UP_MS,
        },
      ],
      fromMs: START_MS,
      toMs: END_MS,
      isPrecise: true,
    })
    const raw = all.get(RAW)
    const mindfuse = all.get(MINDFUSE)
    return {
      columns: COLUMNS,
      rows: [...all].map(([name, rounds]) => toRow(name, rounds, raw)),
      verdicts:
        raw && mindfuse
          ? [
              atMost(
                'p50 above the raw relay’s',
                middle(mindfuse, 'p50') - middle(raw, 'p50'),
                0.3,
                ' ms',
              ),
            ]
          : [],
    }
  },
}
