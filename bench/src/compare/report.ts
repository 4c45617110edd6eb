import { readFile, writeFile } from 'node:fs/promises'
import type { Finding, Scenario } from './scenario.ts'

/** A finding as Markdown, with how long it took and of how many rounds, at most, it is the median. */
export function render(
  { title }: Scenario,
  finding: Finding,
  { seconds, rounds }: { seconds: number; rounds: number },
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    `**${title}** (rounds: ${rounds}; measured in ${Math.round(seconds)} s)`,
    '',
    line(finding.columns),
    line(finding.columns.map((_, i) => (i === 0 ? '---' : '--:'))),
    ...finding.rows.map(line),
    ...(finding.verdicts.length > 0 ? [''] : []),
    ...finding.verdicts.map(
      ({ what, measured, bound, isKept }) =>
        `- ${what}: ${measured}, ${bound}: ${isKept ? 'kept' : '**missed**'}`,
    ),
    '',
  ].join('\n')
}

/**
 * Puts rendered findings in the place of those before them. Each stands between two comments that
 * name it, so that one scenario can be measured anew on its own.
 * @throws Error where the file has no place for one
 */
export async function writeFindings(
  file: URL,
  findings: ReadonlyMap<string, string>,
): Promise<void> {
  let text = await readFile(file, 'utf8')
  for (const [name, rendered] of findings) {
    const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`${file.pathname} has no place for ${name}`)
    text = `${text.slice(0, from + begin.length)}\n${rendered}${text.slice(to)}`
  }
  await writeFile(file, text)
}
