import { appendFileSync } from 'node:fs'
import type { AccessResult } from './access.ts'
import type { Edit } from './edits.ts'
import { describePlan, type RoundResult } from './round.ts'

/** A file that the results of rounds are added to as they end, a line of JSON each. */
const LOG = process.env.FAULT_LOG

/** How many of the slowest rounds are printed in full. */
const SLOWEST = 5

/** Sums up the results of all rounds and prints them as a table. */
export class Report {
  readonly #seed: number
  readonly #results: RoundResult[] = []
  readonly #startedAt = performance.now()
  #written = 0
  #saved = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** @param before all edits of the boards as of before the round @param after and after it */
  add(result: RoundResult, before: readonly Edit[], after: readonly Edit[]): void {
    this.#results.push(result)
    const written = after.length - before.length
    const known = new Set(before)
    const saved = after.filter((edit) => edit.isSaved && !known.has(edit)).length
    this.#written += written
    this.#saved += saved
    if (!LOG) return
    const { plan, healMs, access, problems } = result
    const kinds = plan.faults.map(({ kind }) => kind)
    const line = {
      seed: this.#seed,
      round: plan.round,
      kinds,
      written,
      saved,
      healMs,
      access,
      problems,
    }
    appendFileSync(LOG, `${JSON.stringify({ ...line, plan: describePlan(plan) })}\n`)
  }

  print(): void {
    process.stdout.write(`\n${this.#lines().join('\n')}\n`)
  }

  #lines(): string[] {
    const results = this.#results
    if (results.length === 0) return ['no round ran to its end']
    const seconds = (performance.now() - this.#startedAt) / 1_000
    const kindsOf = ({ plan }: RoundResult) => plan.faults.map(({ kind }) => kind)
    const kinds = [...new Set(results.flatMap(kindsOf))].sort()
    const row = (name: string, of: RoundResult[]) => {
      const times = of.map(({ healMs }) => healMs).sort((a, b) => a - b)
      const at = (share: number) => Math.round(times[Math.ceil(share * times.length) - 1] ?? 0)
      const broken = of.filter(({ problems }) => problems.length > 0).length
      return `| ${[name, of.length, broken, at(0.5), at(0.95), at(1)].join(' | ')} |`
    }
    return [
      `Seed ${this.#seed}: ${results.length} rounds in ${Math.round(seconds)} s, ` +
        `${(seconds / results.length).toFixed(2)} s each.`,
      `${this.#written} edits written, ${this.#saved} acknowledged as saved.`,
      '',
      '| fault | rounds | with a problem | healed, ms: p50 | p95 | max |',
      '|---|---|---|---|---|---|',
      ...kinds.map((kind) =>
        row(
          kind,
          results.filter((result) => kindsOf(result).includes(kind)),
        ),
      ),
      row('all', results),
      '',
      ...accessLines(results.flatMap(({ access }) => access ?? [])),
      '',
      'The slowest to heal:',
      ...[...results]
        .sort((a, b) => b.healMs - a.healMs)
        .slice(0, SLOWEST)
        .map(({ healMs, plan }) => `${Math.round(healMs)} ms: ${describePlan(plan)}`),
    ]
  }
}

/** How long after a loss of access something was still possible, by what was left to learn of it. */
function accessLines(results: readonly AccessResult[]): string[] {
  const ways = [...new Set(results.map(({ way }) => way))].sort()
  const worst = (times: number[]) => Math.round(Math.max(0, ...times))
  const rows = ways.map((way) => {
    const of = results.filter((result) => result.way === way)
    const cells = [
      way,
      of.length,
      worst(of.map(({ exposure }) => exposure.receivedMs)),
      worst(of.map(({ exposure }) => exposure.storedMs)),
      worst(of.map(({ exposure }) => exposure.admittedMs)),
      of.filter(({ exposure }) => exposure.wasReadmitted).length,
      of.filter(({ problems }) => problems.length > 0).length,
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '| access lost, learned by | losses | received, ms: max | stored | admitted | admitted again | beyond a bound |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ]
}
