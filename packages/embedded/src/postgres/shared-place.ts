import { randomUUID } from 'node:crypto'
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { errorCode } from '../error-code.ts'
import type { Binaries } from './binaries.ts'

/** Where root keeps what another user has to reach. */
const SHARED_DIRECTORY = '/var/lib/mindfuse'

/** Everyone may enter, read and run; only root may write. */
const PUBLIC_MODE = 0o755

/**
 * A copy of the binaries that every user can run, made once for each version. It appears under
 * its name complete or not at all, however many starts make it at the same time.
 *
 * @throws StartupError where the place cannot be written.
 */
export async function shareBinaries(packaged: Binaries): Promise<Binaries> {
  const { version } = packaged
  const directory = join(SHARED_DIRECTORY, `postgresql-${version}-${process.arch}`)
  if (await exists(directory)) return { directory, version }
  await makeSharedDirectory()
  const draft = await mkdtemp(join(SHARED_DIRECTORY, 'draft-'))
  try {
    await cp(packaged.directory, draft, { recursive: true, verbatimSymlinks: true })
    await publish(draft)
    await rename(draft, directory)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another start was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error
  }
  return { directory, version }
}

/** A path for a new database, in a directory that every user can pass. */
export async function newSharedHome(): Promise<string> {
  await makeSharedDirectory('data')
  return join(SHARED_DIRECTORY, 'data', randomUUID())
}

async function makeSharedDirectory(...below: string[]): Promise<void> {
  try {
    for (const directory of [SHARED_DIRECTORY, join(SHARED_DIRECTORY, ...below)]) {
      await mkdir(directory, { recursive: true })
      await chmod(directory, PUBLIC_MODE)
    }
  } catch (error) {
    throw new StartupError(
      `PostgreSQL does not run as root, its user cannot enter this directory, and ${SHARED_DIRECTORY} cannot be written (${errorCode(error)}): start as an ordinary user, or set DATA_DIR to a directory that everyone can enter`,
    )
  }
}

/** Whatever modes npm left under root's umask. */
async function publish(directory: string): Promise<void> {
  await chmod(directory, PUBLIC_MODE)
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), PUBLIC_MODE)
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
