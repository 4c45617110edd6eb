import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'

/** Who imports whom: each node with what it imports. */
export type Graph = Map<string, Set<string>>

/** `from './x.ts'` of imports and exports, `import './x.ts'`, `import('./x.ts')`; of types too. */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g

/** What a source imports from its own package, as written. */
export function relativeImports(source: string): string[] {
  return [...source.matchAll(RELATIVE_IMPORT)].map(([, specifier = '']) => specifier)
}

/**
 * The imports among the sources below a folder, tests left out. Paths are relative to it.
 * @throws Error where an import leads to no source
 */
export function readImportGraph(root: string): Graph {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  const graph: Graph = new Map(files.map((file) => [file, new Set()]))
  for (const [file, imports] of graph) {
    for (const specifier of relativeImports(readFileSync(join(root, file), 'utf8'))) {
      const target = normalize(join(dirname(file), specifier))
      if (!graph.has(target))
        throw new Error(`${root}/${file} imports ${specifier}: no such source`)
      imports.add(target)
    }
  }
  return graph
}

/** The imports among folders, at any depth. A file at the top stands for itself. */
export function byFolder(graph: Graph): Graph {
  const folders: Graph = new Map()
  for (const [file, imports] of graph) {
    const from = folderOf(file)
    const targets = folders.get(from) ?? new Set()
    folders.set(from, targets)
    for (const imported of imports) {
      const to = folderOf(imported)
      if (to !== from) targets.add(to)
    }
  }
  return folders
}

function folderOf(file: string): string {
  return file.includes('/') ? dirname(file) : file
}

/** The nodes of a cycle in their order, the first one again at the end; empty where there is none. */
export function findCycle(graph: Graph): string[] {
  const done = new Set<string>()
  const path: string[] = []

  const visit = (node: string): string[] => {
    const start = path.indexOf(node)
    if (start >= 0) return [...path.slice(start), node]
    if (done.has(node)) return []
    path.push(node)
    for (const imported of graph.get(node) ?? []) {
      const cycle = visit(imported)
      if (cycle.length > 0) return cycle
    }
    path.pop()
    done.add(node)
    return []
  }

  for (const node of graph.keys()) {
    const cycle = visit(node)
    if (cycle.length > 0) return cycle
  }
  return []
}

/**
 * The imports that lead upwards, as `from -> to`, and the sources that are on no floor.
 * @param floors files and folders at the top of the sources, the lowest floor first
 */
export function againstFloors(graph: Graph, floors: readonly (readonly string[])[]): string[] {
  const levels = new Map(floors.flatMap((floor, level) => floor.map((entry) => [entry, level])))
  const levelOf = (entry: string): number => levels.get(entry) ?? Number.NaN
  const wrong: string[] = []
  for (const [file, imports] of graph) {
    const from = entryOf(file)
    if (!levels.has(from)) wrong.push(`${file} is on no floor`)
    for (const imported of imports) {
      const to = entryOf(imported)
      if (to !== from && !(levelOf(to) < levelOf(from))) wrong.push(`${file} -> ${imported}`)
    }
  }
  return wrong
}

/** The file or folder at the top of the sources that a source belongs to. */
export function entryOf(file: string): string {
  const [top = ''] = file.split('/')
  return top
}
