import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAst, transformWithEsbuild } from 'vite'
import { expect, test } from 'vitest'

const SOURCES = fileURLToPath(new URL('..', import.meta.url))

/** Names, which are the same in every language. */
const NAMES = ['Mindfuse', ' – Mindfuse']

/** Attributes, properties and fields of options that people read or hear. */
const READ = new Set([
  'action',
  'alt',
  'aria-label',
  'ariaLabel',
  'children',
  'label',
  'message',
  'option',
  'placeholder',
  'text',
  'textContent',
  'title',
])

/** Functions whose arguments are read. */
const SHOWING = new Set(['toast'])

interface Node {
  type: string
  [field: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value

/** What a value may be as text: of both branches, and of the parts of a template. */
function textsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsOf)
  if (!isNode(node)) return []
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : []
    case 'TemplateLiteral':
      return (node.quasis as Node[]).map(({ value }) => (value as { cooked: string }).cooked)
    case 'ConditionalExpression':
      return textsOf([node.consequent, node.alternate])
    case 'LogicalExpression':
    case 'BinaryExpression':
      return textsOf([node.left, node.right])
    case 'ArrayExpression':
      return textsOf(node.elements)
    default:
      return []
  }
}

/** The texts that a source shows by itself. */
function shownBy(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(shownBy)
  if (!isNode(node)) return []
  const below = Object.values(node).flatMap(shownBy)
  if (node.type === 'Property' || node.type === 'AssignmentExpression') {
    const key = (node.key ?? (node.left as Node).property) as Node | undefined
    const name = String(key?.name ?? key?.value)
    return READ.has(name) ? [...below, ...textsOf(node.value ?? node.right)] : below
  }
  if (node.type !== 'CallExpression') return below
  const { name } = node.callee as { name?: string }
  if (name === undefined || !SHOWING.has(name)) return below
  return [...below, ...textsOf(node.arguments)]
}

/** Whether it has words, and is no class, address or mark. */
function isText(text: string): boolean {
  return /\p{L}{2}/u.test(text) && !NAMES.includes(text) && !/^[a-z_-]+$/.test(text.trim())
}

async function untranslatedIn(path: string): Promise<string[]> {
  const source = readFileSync(`${SOURCES}/${path}`, 'utf8')
  const { code } = await transformWithEsbuild(source, path, { jsx: 'automatic', sourcemap: false })
  return shownBy(parseAst(code)).filter(isText)
}

const FILES = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
  .filter((path) => !path.startsWith('messages/'))

test('texts are in the catalogues', async () => {
  const found = await Promise.all(
    FILES.map(async (path) => [path, await untranslatedIn(path)] as const),
  )
  expect(found.filter(([, texts]) => texts.length > 0)).toEqual([])
  expect(FILES.length).toBeGreaterThan(20)
})
