import { inspect, parseArgs } from 'node:util'
import { startBackend } from '../backend.ts'
import { renderCapacity } from './capacity.ts'
import { pinLoad } from './cores.ts'
import { mindfuse } from './mindfuse.ts'
import { render, writeFindings } from './report.ts'
import type { Scenario } from './scenario.ts'
import { BUSY_BOARDS } from './scenarios/busy-boards.ts'
import { CROWDS } from './scenarios/crowds.ts'
import { GROWTH } from './scenarios/growth.ts'
import { IDLE } from './scenarios/idle.ts'
import { PROFILE } from './scenarios/profile.ts'
import { QUIET_ROOM } from './scenarios/quiet-room.ts'
import { TWO_GATEWAYS } from './scenarios/two-gateways.ts'
import { PEERS, type Target } from './targets.ts'

const ROUNDS = 3
const PAGE = new URL('../../../docs/PERFORMANCE.md', import.meta.url)

const SCENARIOS: readonly Scenario[] = [
  ...BUSY_BOARDS,
  ...IDLE,
  ...CROWDS,
  QUIET_ROOM,
  ...TWO_GATEWAYS,
  ...GROWTH,
  PROFILE,
]

const HELP = `npm run bench -- [scenario …] [--only <server,…>] [--rounds <n>] [--write]

  --only    measures the servers whose names contain one of these, as in --only raw\\ u,Mindfuse
  --rounds  how often each is measured; the median counts (${ROUNDS})
  --write   puts what was found into docs/PERFORMANCE.md

${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(20)}${title}`).join('\n')}
`

/** Mindfuse and what one might take in its place, under the same loads, one after the other. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: `${ROUNDS}` },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const unknown = positionals.filter((name) => !SCENARIOS.some((known) => known.name === name))
  const rounds = Number(values.rounds)
  if (values.help || unknown.length > 0 || !(rounds >= 1)) {
    process.stderr.write(HELP)
    process.exitCode = values.help ? 0 : 1
    return
  }
  pinLoad()
  const wanted = values.only?.toLowerCase().split(',') ?? ['']
  const isWanted = ({ name }: Target) => wanted.some((part) => name.toLowerCase().includes(part))
  const progress = (text: string) => process.stderr.write(`${text}\n`)
  const findings = new Map<string, string>()
  const figures = new Map<string, number>()
  const backend = await startBackend()
  try {
    const targets = [...PEERS, mindfuse(backend)].filter(isWanted)
    for (const scenario of SCENARIOS) {
      if (positionals.length > 0 && !positionals.includes(scenario.name)) continue
      progress(`# ${scenario.name}`)
      const startedAt = performance.now()
      try {
        const finding = await scenario.run({ backend, targets, rounds, progress })
        const seconds = (performance.now() - startedAt) / 1_000
        const rendered = render(scenario, finding, { seconds, rounds })
        findings.set(scenario.name, rendered)
        for (const [name, value] of Object.entries(finding.figures ?? {})) {
          figures.set(`${scenario.name}.${name}`, value)
        }
        process.stdout.write(`${rendered}\n`)
      } catch (error) {
        // The others can be measured all the same.
        progress(`${scenario.name} failed: ${inspect(error)}`)
        process.exitCode = 1
      }
    }
  } finally {
    await backend.stop()
  }
  const capacity = renderCapacity(figures)
  if (capacity) {
    findings.set('capacity', capacity)
    process.stdout.write(capacity)
  }
  if (values.write) await writeFindings(PAGE, findings)
}

await main()
