import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SKIPPED = ['node_modules', 'dist']

/** The ids of the rules, as SPEC.md defines them. */
function readRules(): string[] {
  const spec = readFileSync(join(ROOT, 'packages/protocol/SPEC.md'), 'utf8')
  return [...spec.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map(([, id = '']) => id)
}

function* testFiles(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) {
      if (!SKIPPED.includes(entry.name)) yield* testFiles(path)
    } else if (entry.name.endsWith('.test.ts')) yield path
  }
}

/** The rules that titles begin with, as in `'LIM-7 PRES-8: one who …'`. */
function quotedRules(): Set<string> {
  const quoted = new Set<string>()
  for (const folder of ['apps', 'packages', 'test']) {
    for (const path of testFiles(join(ROOT, folder))) {
      const source = readFileSync(path, 'utf8')
      for (const [, ids = ''] of source.matchAll(/['"`]((?:[A-Z]+-\d+[: ]+)+)\S/g)) {
        for (const [id] of ids.matchAll(/[A-Z]+-\d+/g)) quoted.add(id)
      }
    }
  }
  return quoted
}

test('every rule of SPEC.md is quoted by the title of a test that checks it', () => {
  const quoted = quotedRules()
  expect(readRules().filter((id) => !quoted.has(id))).toEqual([])
})

test('every rule that a title quotes is one of SPEC.md, where each stands once', () => {
  const rules = readRules()
  expect(new Set(rules).size).toBe(rules.length)
  const areas = new Set(rules.map((id) => id.split('-')[0]))
  const ours = [...quotedRules()].filter((id) => areas.has(id.split('-')[0]))
  expect(ours.filter((id) => !rules.includes(id))).toEqual([])
})
