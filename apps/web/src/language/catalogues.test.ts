import { describe, expect, test } from 'vitest'
import en from '../messages/en.ts'

/** Compiled by messages-plugin.ts: a text, or texts, `#` as 0, and nodes that begin with a name. */
type Compiled = string | 0 | readonly unknown[]

const CATALOGUES = Object.entries(
  import.meta.glob<Record<string, Compiled>>('../messages/*.ts', {
    eager: true,
    import: 'default',
  }),
)

/** The arguments of a message, and its elements as `<b>`. */
function namesIn(message: Compiled): Set<string> {
  return new Set(typeof message === 'object' ? message.flatMap(namesInNode) : [])
}

function namesInNode(node: unknown): string[] {
  if (!Array.isArray(node)) return []
  const [name, type, detail] = node
  if (type === undefined) return [name]
  // What begins with anything but the number of a type is an element with its content.
  if (typeof type !== 'number' || type === 0) {
    return [`<${name}>`, ...node.slice(1).flatMap(namesInNode)]
  }
  const branches = typeof detail === 'object' ? Object.values<Compiled>(detail) : []
  return [name, ...branches.flatMap((branch) => [...namesIn(branch)])]
}

describe.each(CATALOGUES)('the texts of %s', (_path, catalogue) => {
  test('are those of English, with the same arguments', () => {
    const named = (texts: object) =>
      Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, namesIn(text)]))
    expect(named(catalogue)).toEqual(named(en))
  })

  test('say something', () => {
    expect(Object.entries(catalogue).filter(([, text]) => text === '' || text === 0)).toEqual([])
  })
})

test('there is more than one language', () => {
  expect(CATALOGUES.length).toBeGreaterThan(1)
})
