import { atMost, type Scenario } from '../scenario.ts'
import { COLUMNS, middle, sideBySide, toRow } from '../side-by-side.ts'
import { MINDFUSE, RAW } from '../targets.ts'

/** What the first edit after a pause waits for. */
export const QUIET_ROOM: Scenario = {
  name: 'lone-edit',
  title: 'A lone edit in a quiet room: two people, of whom one draws 5 times a second',
  async run(bench) {
    const all = await sideBySide(bench, {
      boards: 1,
      perBoard: 2,
      plans: [{ kind: 'edit', senders: 1, ratePerSecond: 5, fromMs: 0, toMs: 5_000 }],
      fromMs: 1_000,
      toMs: 5_000,
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
