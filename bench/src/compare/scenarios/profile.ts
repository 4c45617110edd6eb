import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBusyShares } from '../cpu-profile.ts'
import { mindfuse } from '../mindfuse.ts'
import { type Bench, formatShare, type Scenario } from '../scenario.ts'
import { type Load, measure } from '../side-by-side.ts'
import { BUSY_CURSORS, BUSY_EDITS } from './busy-boards.ts'

/** So many functions are named. */
const FUNCTIONS = 20

/** Where the gateway spends its time: a sample every millisecond. */
export const PROFILE: Scenario = {
  name: 'profile',
  title: 'Where the gateway is when it is busy: by function, without what it calls',
  async run(bench) {
    const cursors = await profile(bench, BUSY_CURSORS)
    const edits = await profile(bench, BUSY_EDITS)
    const all = new Set([...cursors.keys(), ...edits.keys()])
    const shares = [...all].map(
      (name) => [name, cursors.get(name) ?? 0, edits.get(name) ?? 0] as const,
    )
    shares.sort(([, a, b], [, c, d]) => c + d - (a + b))
    return {
      columns: ['function', 'busy board, cursors', 'busy board, edits'],
      rows: shares
        .slice(0, FUNCTIONS)
        .map(([name, ...values]) => [name, ...values.map(formatShare)]),
      verdicts: [],
    }
  },
}

async function profile({ backend }: Bench, load: Load): Promise<Map<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-profile-'))
  try {
    const nodeArguments = ['--cpu-prof', `--cpu-prof-dir=${directory}`]
    await measure(mindfuse(backend, { nodeArguments }), load)
    return await readBusyShares(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
