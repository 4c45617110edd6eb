import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monotonicUs, readBusyShares } from '../cpu-profile.ts'
import { Crowd } from '../crowd.ts'
import { play } from '../load.ts'
import { mindfuse } from '../mindfuse.ts'
import { type Bench, formatShare, type Scenario } from '../scenario.ts'
import type { Load } from '../side-by-side.ts'
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

async function profile({ backend, progress }: Bench, load: Load): Promise<Map<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), 'mindfuse-profile-'))
  try {
    const nodeArguments = ['--cpu-prof', `--cpu-prof-dir=${directory}`]
    const running = await mindfuse(backend, { nodeArguments }).start(load)
    let crowd: Crowd | undefined
    let fromUs = 0
    let toUs = 0
    try {
      crowd = await Crowd.connect(running, load, progress)
      fromUs = monotonicUs()
      await play(crowd, load, { ...load, pids: running.pids })
      toUs = monotonicUs()
    } finally {
      crowd?.disconnect()
      // The profile is written when the process ends.
      await running.stop()
    }
    return await readBusyShares(directory, { fromUs, toUs })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
