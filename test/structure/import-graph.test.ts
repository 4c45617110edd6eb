import { expect, test } from 'vitest'
import { againstFloors, byFolder, findCycle, type Graph, relativeImports } from './import-graph.ts'

const graphOf = (imports: Record<string, string[]>): Graph =>
  new Map(Object.entries(imports).map(([file, targets]) => [file, new Set(targets)]))

test.each([
  ["import { a } from './a.ts'"],
  ["import type { A } from './a.ts'"],
  ["import {\n  type A,\n  b,\n} from './a.ts'"],
  ["import a, * as b from './a.ts'"],
  ["import './a.ts'"],
  ['import "./a.ts"'],
  ["export { a } from './a.ts'"],
  ["export type { A } from './a.ts'"],
  ["export * from './a.ts'"],
  ["const a = await import('./a.ts')"],
  ["type A = import('./a.ts').A"],
])('is an import: %s', (source) => {
  expect(relativeImports(source)).toEqual(['./a.ts'])
})

test.each([
  ["import { a } from 'a'"],
  ["import type { A } from '@mindfuse/protocol'"],
  ["new URL('./a.ts', import.meta.url)"],
  ["export const a = './a.ts'"],
])('is no import within the package: %s', (source) => {
  expect(relativeImports(source)).toEqual([])
})

test('an import upwards, to the same floor, and a source on no floor are named', () => {
  const floors = [['low'], ['left', 'right'], ['main.ts']]
  const graph = graphOf({
    'main.ts': ['left/a.ts', 'low/a.ts'],
    'left/a.ts': ['left/b.ts', 'low/a.ts'],
    'left/b.ts': ['right/a.ts'],
    'right/a.ts': [],
    'low/a.ts': ['main.ts'],
    'new/a.ts': ['low/a.ts'],
  })
  expect(againstFloors(graph, floors)).toEqual([
    'left/b.ts -> right/a.ts',
    'low/a.ts -> main.ts',
    'new/a.ts is on no floor',
    'new/a.ts -> low/a.ts',
  ])
})

test('a cycle between files, and one between folders alone, are found', () => {
  const files = { 'a/1.ts': ['b/1.ts'], 'b/1.ts': ['c/1.ts'], 'c/1.ts': ['b/1.ts'] }
  expect(findCycle(graphOf(files))).toEqual(['b/1.ts', 'c/1.ts', 'b/1.ts'])

  const folders = graphOf({
    'a/1.ts': ['b/1.ts'],
    'b/1.ts': [],
    'b/2.ts': ['a/2.ts'],
    'a/2.ts': [],
  })
  expect(findCycle(folders)).toEqual([])
  expect(findCycle(byFolder(folders))).toEqual(['a', 'b', 'a'])
})
