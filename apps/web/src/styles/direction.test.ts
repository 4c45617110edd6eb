import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SOURCES = fileURLToPath(new URL('..', import.meta.url))

/** Properties with a side, and values that are one: in a language from right to left they are on the wrong side. */
const SIDED = [
  /^(left|right)$/,
  /^(margin|padding|border|scroll-margin|scroll-padding)-(left|right)/,
  /^border-(top|bottom)-(left|right)-radius$/,
]
const SIDED_VALUES: Record<string, RegExp> = {
  'text-align': /^(left|right)$/,
  float: /^(left|right)$/,
  clear: /^(left|right)$/,
}

/** Shorthands whose second value is the right side, and whose fourth is the left one. */
const FOUR_SIDES = /^(margin|padding|inset|border-(width|style|color)|scroll-(margin|padding))$/

/** The values of a declaration; what is in brackets is part of one. */
const valuesOf = (value: string) =>
  value.match(/(?:[^\s(]|\([^()]*(?:\([^()]*\)[^()]*)*\))+/g) ?? []

function isSided(property: string, value: string): boolean {
  // The edges of a screen do not follow a language.
  if (value.includes('safe-area-inset')) return false
  if (SIDED.some((sided) => sided.test(property))) return true
  if (SIDED_VALUES[property]?.test(value)) return true
  const [, right, , left] = valuesOf(value)
  return FOUR_SIDES.test(property) && left !== undefined && left !== right
}

/** The declarations of a style sheet that name a side. */
function sidedIn(css: string): string[] {
  const plain = css.replace(/\/\*[\s\S]*?\*\//g, '')
  return [...plain.matchAll(/(?<=[{;]\s*)([\w-]+):\s*([^;{}]+);/g)]
    .filter(([, property = '', value = '']) => isSided(property, value.trim()))
    .map(([declaration]) => declaration)
}

test('a declaration that names a side is found', () => {
  const sided = [
    'left: 0;',
    'margin-right: 1px;',
    'text-align: left;',
    'padding: 0 1px 0 calc(2px + 1px);',
  ]
  const plain = [
    'inset-inline-start: 0;',
    'padding: 0 1px 2px;',
    'margin: 0 1px 0 1px;',
    'text-align: start;',
  ]
  expect(sidedIn(`a { ${[...sided, ...plain].join(' ')} }`)).toEqual(sided)
})

test('styles follow the direction of the language', () => {
  const all = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  const files = all.filter((path) => path.endsWith('.css'))
  const found = files.map(
    (file) => [file, sidedIn(readFileSync(`${SOURCES}/${file}`, 'utf8'))] as const,
  )
  expect(found.filter(([, declarations]) => declarations.length > 0)).toEqual([])
  expect(files.length).toBeGreaterThan(5)
})
