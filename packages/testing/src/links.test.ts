import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SOURCE = /\.(ts|mjs|cjs|sh|ya?ml|conf|sql)$/
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.data'])

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path, pattern)
    return pattern.test(entry.name) ? [path] : []
  })
}

/** A page without its code blocks, whose links and headings are examples. */
function proseOf(path: string): string {
  return readFileSync(path, 'utf8').replace(/^ *```.*?^ *```$/gms, '')
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of proseOf(path).matchAll(/^#+ +(.+?) *$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
    let unique = anchor
    for (let i = 1; anchors.has(unique); i++) unique = `${anchor}-${i}`
    anchors.add(unique)
  }
  return anchors
}

/** The relative links of a page that lead to no file, or to no heading of one. */
function deadLinksOf(path: string): string[] {
  const prose = proseOf(path).replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => {
      if (/^[a-z]+:/.test(target)) return false
      const [file = '', anchor] = target.split('#')
      const linked = file === '' ? path : resolve(dirname(path), file)
      if (!existsSync(linked)) return true
      return anchor !== undefined && !anchorsOf(linked).has(anchor)
    })
}

test('no page has a dead link', () => {
  const dead = filesBelow(ROOT, /\.md$/).flatMap((path) =>
    deadLinksOf(path).map((target) => `${relative(ROOT, path)}: ${target}`),
  )
  expect(dead).toEqual([])
})

test('every decision that a source refers to exists', () => {
  const kept = new Set(
    readdirSync(join(ROOT, 'docs/adr')).flatMap((name) => /^\d{4}/.exec(name)?.[0] ?? []),
  )
  const gone = ['apps', 'packages', 'test', 'bench', 'deploy', 'tools'].flatMap((folder) =>
    filesBelow(join(ROOT, folder), SOURCE).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\b(?:ADR |adr\/)(\d{4})\b/g)]
        .filter(([, number = '']) => !kept.has(number))
        .map(([name]) => `${relative(ROOT, path)}: ${name}`),
    ),
  )
  expect(gone).toEqual([])
})
