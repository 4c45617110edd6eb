import type { Backend } from '../../backend.ts'
import { Crowd } from '../crowd.ts'
import { play } from '../load.ts'
import { mindfuse } from '../mindfuse.ts'
import { atMost, format, type Scenario } from '../scenario.ts'
import {
  COLUMNS,
  type Load,
  middle,
  STEADY_MS,
  sideBySide,
  toRow,
  WARM_UP_MS,
} from '../side-by-side.ts'
import type { StreamPlan } from '../stream.ts'

/** Half of each board's people are on either gateway. */
const isAcross = (reader: number, person: number) => reader % 2 !== person % 2

/** 1,000 a second: 200 people on 20 boards, 5 each. */
function allSend(kind: StreamPlan['kind']): Load {
  return {
    boards: 20,
    perBoard: 10,
    plans: [{ kind, senders: 10, ratePerSecond: 5, fromMs: 0, toMs: STEADY_MS }],
    fromMs: WARM_UP_MS,
    toMs: STEADY_MS,
    counts: isAcross,
  }
}

/** What happens where a board is open on two gateways. */
export const TWO_GATEWAYS: readonly Scenario[] = [
  {
    name: 'two-gateways',
    title:
      'From one gateway to the other: 20 boards of 10 people, half on either, all draw 5 times a second: 1,000 edits',
    async run(bench) {
      const target = mindfuse(bench.backend, { gateways: 2 })
      const all = await sideBySide(bench, allSend('edit'), [target])
      const rounds = all.get(target.name) ?? []
      const worst = (key: 'delivered' | 'saved') =>
        100 * (1 - Math.min(...rounds.map((measured) => measured[key])))
      return {
        columns: COLUMNS,
        rows: [toRow('Mindfuse, 2 gateways on one core', rounds, undefined)],
        verdicts: [
          atMost('p99', middle(rounds, 'p99'), 20, ' ms'),
          atMost('not delivered', worst('delivered'), 0, ' %'),
          atMost('not saved', worst('saved'), 0, ' %'),
        ],
      }
    },
  },
  {
    name: 'costs',
    title:
      'What each part pays for 1,000 edits a second, and for 1,000 cursors, on the same boards',
    async run({ backend, progress }) {
      const costs: Record<'edit' | 'cursor', Costs> = {
        edit: await costsOf(backend, allSend('edit'), progress),
        cursor: await costsOf(backend, allSend('cursor'), progress),
      }
      const row = (name: string, part: keyof Costs) => [
        name,
        format(costs.edit[part]),
        format(costs.cursor[part]),
      ]
      return {
        columns: ['part', 'CPU µs an edit', 'CPU µs a cursor'],
        rows: [
          row('both gateways', 'gateways'),
          row('API', 'api'),
          row('PostgreSQL', 'postgres'),
          row('Redis protocol', 'redis'),
        ],
        verdicts: [],
        figures: {
          api: costs.edit.api,
          postgres: costs.edit.postgres,
          redisEdit: costs.edit.redis,
          redisCursor: costs.cursor.redis,
        },
      }
    },
  },
]

/** CPU for each edit or cursor that is sent, microseconds. */
interface Costs {
  gateways: number
  api: number
  postgres: number
  redis: number
}

async function costsOf(
  backend: Backend,
  load: Load,
  progress: (text: string) => void,
): Promise<Costs> {
  progress(load.plans[0]?.kind ?? '')
  const running = await mindfuse(backend, { gateways: 2 }).start(load)
  try {
    const crowd = await Crowd.connect(running, load, progress)
    try {
      const before = await backend.cpuMs()
      const result = await play(crowd, load, { ...load, fromMs: 0, pids: running.pids })
      const after = await backend.cpuMs()
      const each = (ms: number) => (ms * 1_000) / (result.streams[0]?.sent ?? Number.NaN)
      return {
        gateways: each(result.cpuMs),
        api: each(after.api - before.api),
        postgres: each(after.postgres - before.postgres),
        redis: each(after.redis - before.redis),
      }
    } finally {
      crowd.disconnect()
    }
  } finally {
    await running.stop()
  }
}
