import { readFileSync, writeFileSync } from 'node:fs'
import { ROWS, type Row } from './rows.ts'
import { TRIAL_NAMES, type TrialName } from './trials.ts'

/** How a trial ended: it works, with a condition perhaps, or it fails for a reason. */
export type Outcome = { works: true; with?: string } | { works: false; because: string }

/** What the suite found of one row. */
export interface Result {
  /** Each package with its version. */
  packages: Record<string, string>
  outcomes: Record<TrialName, Outcome>
}

/** By the names of rows. */
type Results = Record<string, Result>

const RESULTS = new URL('results.json', import.meta.url)
const PAGE = new URL('../../docs/CLIENTS.md', import.meta.url)
const MANIFEST = new URL('package.json', import.meta.url)
const BEGIN = '<!-- clients -->'
const END = '<!-- /clients -->'

export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS, 'utf8'))
}

export function readPage(): string {
  return readFileSync(PAGE, 'utf8')
}

/** The packages of a row with the versions that the manifest pins. */
export function packagesOf({ packages }: Row): Record<string, string> {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(MANIFEST, 'utf8'))
  const pinned: Record<string, string> = { ...dependencies, ...devDependencies }
  // An alias is written as `npm:y-websocket@1.5.4`.
  return Object.fromEntries(
    packages.map((name) => {
      const [, aliased, version] = /^npm:(.+)@(.+)$/.exec(pinned[name] ?? '') ?? []
      return [aliased ?? name, version ?? pinned[name] ?? '']
    }),
  )
}

/** Replaces the results of these rows where they are complete, and the table of the page. */
export function writeResults(found: Results): void {
  const complete = Object.entries(found).flatMap(([name, { packages, outcomes }]) => {
    if (!TRIAL_NAMES.every((trial) => outcomes[trial])) return []
    // Trials end in any order.
    const inOrder = TRIAL_NAMES.map((trial) => [trial, outcomes[trial]])
    return [[name, { packages, outcomes: Object.fromEntries(inOrder) }]]
  })
  const all = { ...readResults(), ...Object.fromEntries(complete) }
  const results = Object.fromEntries(
    ROWS.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])),
  )
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(PAGE, withTable(readPage(), results))
}

/** The page with the table of these results. */
export function withTable(page: string, results: Results): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from < 0 || to < from) throw new Error('docs/CLIENTS.md has no place for the table')
  return `${page.slice(0, from + BEGIN.length)}\n${render(results)}${page.slice(to)}`
}

function render(results: Results): string {
  const notes: string[] = []
  const noteOf = (text: string) => {
    if (!notes.includes(text)) notes.push(text)
    return `[${notes.indexOf(text) + 1}]`
  }
  const cell = (outcome: Outcome) => {
    if (!outcome.works) return `fails ${noteOf(`Fails because ${outcome.because}.`)}`
    return outcome.with ? `works ${noteOf(`Works with ${outcome.with}.`)}` : 'works'
  }
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = ROWS.flatMap(({ name, runsIn }) => {
    const result = results[name]
    if (!result) return []
    const versions = Object.entries(result.packages).map(([of, version]) => `${of} ${version}`)
    const cells = TRIAL_NAMES.map((trial) => cell(result.outcomes[trial]))
    return [line([name, versions.join(', '), runsIn, ...cells])]
  })
  const header = ['', 'version', 'in', ...TRIAL_NAMES]
  return [
    line(header),
    line(header.map(() => '---')),
    ...rows,
    '',
    ...notes.map((text, i) => `${i + 1}. ${text}`),
    '',
  ].join('\n')
}
