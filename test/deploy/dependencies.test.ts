import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const ALLOWED = [
  'MIT',
  'ISC',
  'Apache-2.0',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Zlib',
]

/** Licences that packages have in a file, and do not name where npm reads it. */
const NAMED_IN_A_FILE: Record<string, string> = {
  'node_modules/fuzzy': 'MIT',
  'node_modules/khroma': 'MIT',
}

/** Tools of development that are neither changed nor given to anybody. */
const USED_HERE: Record<string, string> = { 'node_modules/axe-core': 'MPL-2.0' }

interface Locked {
  dev?: boolean
  license?: string
  link?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

let packages: [path: string, Locked][]
beforeAll(async () => {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  packages = Object.entries(lock.packages)
})

const isOurs = (path: string) => !path.includes('node_modules')

/** What others install together with dependencies of their own. */
const PUBLISHED = ['client', 'excalidraw', 'protocol', 'react', 'scene'].map(
  (name) => `packages/${name}`,
)

const isForeign = ([name]: [name: string, version: string]) => !name.startsWith('@mindfuse/')

/** What our own packages name, with its version. */
const direct = () => [...pinned(), ...ranged()]

const pinned = () =>
  packages
    .filter(([path]) => isOurs(path))
    .flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
      Object.entries({
        ...(!PUBLISHED.includes(path) && dependencies),
        ...devDependencies,
        ...optionalDependencies,
      }),
    )
    .filter(isForeign)

/** What comes with a published package, or has to be beside it. */
const ranged = () =>
  packages
    .filter(([path]) => PUBLISHED.includes(path))
    .flatMap(([, { dependencies, peerDependencies }]) =>
      Object.entries({ ...dependencies, ...peerDependencies }),
    )
    .filter(isForeign)

describe('dependencies', () => {
  test('have licences that let anybody use them', () => {
    const others = packages.filter(
      ([path, { license = NAMED_IN_A_FILE[path] ?? 'none', link, dev }]) => {
        const choices = license.replaceAll(/[()]/g, '').split(' OR ')
        const isAllowed = choices.some((choice) =>
          choice.split(' AND ').every((part) => ALLOWED.includes(part)),
        )
        const isTool = dev === true && license === USED_HERE[path]
        return !isOurs(path) && !link && !isAllowed && !isTool
      },
    )
    expect(others).toEqual([])
  })

  test('are pinned to one version', () => {
    // The types of Node follow the oldest release that we support.
    const others = pinned().filter(([name]) => name !== '@types/node')
    expect(
      others.filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    ).toEqual([])
  })

  test('of published packages may be newer, within major versions that are named', () => {
    expect(ranged().map(([name]) => name)).toEqual(
      expect.arrayContaining(['typebox', 'y-protocols', 'yjs']),
    )
    expect(
      ranged().filter(([, range]) => !/^\^\d+\.\d+\.\d+( \|\| \^\d+\.\d+\.\d+)*$/.test(range)),
    ).toEqual([])
  })

  test('stand in DEPENDENCIES.md, each with its licence and what it is for', async () => {
    const page = await readFile(join(ROOT, 'docs/DEPENDENCIES.md'), 'utf8')
    const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \| [^|]+ \| [^|]{4,} \|$/gm)]
    const named = rows.map(([, name = '']) => name)
    expect(named.toSorted()).toEqual([...new Set(direct().map(([name]) => name))].toSorted())
    for (const [, name, license] of rows) {
      const locked = packages.find(([path]) => path.endsWith(`node_modules/${name}`))
      // Those for other systems are not in a lock file that was written on this one.
      if (locked?.[1].license) expect([name, license]).toEqual([name, locked[1].license])
    }
  })
})
